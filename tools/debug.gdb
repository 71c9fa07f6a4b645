# Commands for gdb that make sense in all three modes of the machine. tools/debug.sh loads symbols and attaches.
#
# Never set the architecture: QEMU speaks of 64-bit registers in every mode, and gdb must believe it.

set confirm off
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
