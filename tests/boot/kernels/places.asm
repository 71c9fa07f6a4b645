; A kernel of somebody else that can lie anywhere: it says on COM1 where it does, in memory and in addresses, and where
; boot_info lies. Then it ends the machine through port F4h, or stands still where there is none, as the loader left things.

bits 64
default rel

COM1     equ 3F8h
PHYSICAL equ 136			; offsets in struct boot_info (include/boot/boot_info.h)
VIRTUAL  equ 144

start:
	mov rbx, [rdi + PHYSICAL]
	call print
	mov rbx, [rdi + VIRTUAL]
	call print
	mov rbx, rdi
	call print
	mov al, 10
	call put
	mov al, 10h
	mov edx, 0F4h
	out dx, al
	hlt

print:					; rbx as sixteen digits, and a blank
	mov ecx, 16
.digit:
	rol rbx, 4
	mov eax, ebx
	and eax, 15
	lea rsi, [digits]
	mov al, [rsi + rax]
	call put
	loop .digit
	mov al, ' '
put:
	mov ah, al
	mov edx, COM1 + 5
.busy:
	in al, dx
	test al, 20h
	jz .busy
	mov edx, COM1
	mov al, ah
	out dx, al
	ret

digits: db "0123456789abcdef"
