; Reads blocks as the BIOS gives them, 64 sectors a call, all to one buffer below 1 MiB, and does nothing with them: what a
; loader takes longer is its own doing. tests/bench/loading.py fills in which blocks.

bits 16
org 7C00h

COM1   equ 3F8h
PIECE  equ 64				; sectors
BUFFER equ 1000h			; segment
STACK  equ 7000h
PACKET equ 0600h			; not in this page: an emulator that translates code pays for each write to it

	jmp short start
	times 4 - ($ - $$) db 0
pieces:	dd 0				; 4: how many calls
packet:					; 8: the disk address packet of AH=42h
	dw 16, PIECE, 0, BUFFER
	dq 0				; 16: the first block

start:
	xor ax, ax
	mov ds, ax
	mov es, ax
	mov ss, ax
	mov sp, STACK
	cld
	mov si, packet
	mov di, PACKET
	mov cx, 8
	rep movsw
	mov ecx, [pieces]
	jecxz done
next:
	push dx				; the disk, as the BIOS named it
	push ecx
	mov si, PACKET
	mov word [si + 2], PIECE	; BIOSes write there how many they read
	mov ah, 42h
	int 13h
	pop ecx
	pop dx
	jc failed
	add dword [PACKET + 8], PIECE
	dec ecx
	jnz next
done:
	mov al, 'D'
	jmp short say
failed:
	mov al, 'E'
say:
	mov dx, COM1
	out dx, al
	cli
	hlt

	times 510 - ($ - $$) db 0
	db 55h, 0AAh
