; The least a boot disk can do: one sector that says "floor" on COM1 and stops. What it costs is the firmware's price.

bits 16
org 7C00h

COM1 equ 3F8h

	mov dx, COM1
	mov si, text
next:
	mov al, [cs:si]
	inc si
	test al, al
	jz stop
	out dx, al
	jmp next
stop:
	cli
	hlt
	jmp stop

text:	db "floor", 10, 0

	times 510 - ($ - $$) db 0
	db 55h, 0AAh
