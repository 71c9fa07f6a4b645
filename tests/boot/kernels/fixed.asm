; A kernel of somebody else, with a place of its own in memory, using nothing of Cairn's but boot_info. It says on COM1 that
; it runs and what its first module holds, and ends the machine through port F4h.

bits 64
default rel

COM1         equ 3F8h
DIRECT_MAP   equ 16			; offsets in struct boot_info (include/boot/boot_info.h)
MODULE_COUNT equ 60
MODULES      equ 64

start:
	mov rax, "CIRNINFO"
	cmp [rdi], rax
	lea rsi, [no_info]
	jne end
	lea rsi, [running]
	call print
	cmp dword [rdi + MODULE_COUNT], 0
	je done
	mov rbx, [rdi + DIRECT_MAP]
	mov rsi, [rdi + MODULES]
	mov rsi, [rbx + rsi]		; the first module's address
	add rsi, rbx
	call print
done:
	lea rsi, [ending]
end:
	call print
	mov al, 10h
	mov edx, 0F4h
	out dx, al
	hlt

print:					; text at rsi, ended by 0
	mov edx, COM1 + 5
.busy:
	in al, dx
	test al, 20h
	jz .busy
	mov edx, COM1
	lodsb
	test al, al
	jz .end
	out dx, al
	jmp print
.end:
	ret

running: db "fixed kernel runs", 10, 0
ending:  db "fixed kernel ends", 10, 0
no_info: db "no boot_info", 10, 0
