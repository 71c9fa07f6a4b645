# Commands for gdb that make sense in all three modes of the machine, and breakpoints. tools/debug.sh loads symbols and
# attaches before.
#
# Never set the architecture: QEMU speaks of 64-bit registers in every mode, and gdb must believe it.

set pagination off
set height 0

define code
	monitor x/8i $pc
end
document code
The next instructions, disassembled for the mode the CPU is in (gdb's own disassembly is always 64-bit).
end

define registers
	monitor info registers
end
document registers
All registers as QEMU knows them, with segments, control registers and descriptor tables.
end

define screen
	python
import re
words = re.findall(r"0x([0-9a-f]{4})\b", gdb.execute("monitor xp/2000hx 0xb8000", to_string=True))
text = "".join(bytes([int(word, 16) & 255]).decode("cp437") for word in words)
lines = [text[start:start + 80].replace("\0", " ").rstrip() for start in range(0, len(text), 80)]
print("\n".join(lines).rstrip())
	end
end
document screen
The text screen, out of the machine's memory at B8000h.
end

python
import re
kernel_slide = 0
kernel_file = next(file.filename for file in gdb.objfiles() if file.filename.endswith("/kernel.elf"))
end

define find-kernel
	python
if gdb.selected_frame().pc() < 0x100000:
    # Stage 2's pointers are too short for this address.
    place = int(gdb.parse_and_eval("hand_over.info")) + int(gdb.parse_and_eval("&((struct boot_info *)0)->kernel.slide"))
    slide = int.from_bytes(gdb.selected_inferior().read_memory(place, 8).tobytes(), "little")
else:
    base = re.search(r"^IDT= *([0-9a-f]+)", gdb.execute("monitor info registers", to_string=True), re.MULTILINE)[1]
    slide = kernel_slide + int(base, 16) - int(gdb.parse_and_eval("&idt"))
if slide != kernel_slide:
    gdb.execute(f"remove-symbol-file {kernel_file}", to_string=True)
    gdb.execute(f"add-symbol-file {kernel_file} -o {slide:#x}", to_string=True)
    kernel_slide = slide
    print(f"The kernel is {slide:#x} above where it is linked.")
	end
end
document find-kernel
Moves the kernel's symbols to where the loader put it: done at long_mode; later, once it has its interrupt table.
end

break *0x7c00
break *&stage2_entry
break *&enter_protected
break *&enter_long
break *&long_mode
commands
	find-kernel
end
break kernel_main
