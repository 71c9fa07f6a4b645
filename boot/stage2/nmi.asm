; A non-maskable interrupt while the CPU changes its mode. Nothing can hold one back (bit 7 of port 70h would, on chip sets
; that have it, until the firmware's next access to the clock), and in the middle of a change neither the BIOS's table
; of vectors nor the gates of protected mode can be used: the CPU may be in the mode that takes one for the other.
;
; So changes are made with a table of which both modes read vector 2, each at its own place: real mode at byte 8, four bytes,
; protected mode at byte 16, eight bytes. The handlers count the NMI and go back. Between the instruction that switches
; PE and the far jump after it, CS still holds the other mode's number of the segment, with which an IRET would go astray:
; there it is replaced by the number which means the same bytes.

CODE16 equ 08h
CODE32 equ 18h

extern nmi_count			; a word that real mode reaches
global nmi_protected
global nmi_switch_table

section .text.nmi

bits 32
nmi_protected:				; also the gate of the loader's own table (exceptions.asm)
	inc word [nmi_count]
	cmp byte [esp + 4], 0
	jne .back
	mov byte [esp + 4], CODE16	; it was real mode a moment ago
.back:
	iretd

bits 16
nmi_real:
	inc word [nmi_count]
	push bp
	mov bp, sp
	mov word [bp + 4], 0		; CS, which may still be CODE16: all of this is in segment 0
	pop bp
	iret

nmi_switch_table:
	dw 23
	dd nmi_vectors
nmi_vectors equ $ - 8			; nothing asks for vectors 0 and 1
	dw nmi_real, 0
	dd 0
	dw nmi_protected, CODE32, 8E00h, 0
