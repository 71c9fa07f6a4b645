; Stage 2's first bytes: stage 1 jumps here, in real mode at 0000:8000h, when the head's checksum is right.
; From here on the CPU is in 32-bit protected mode with flat segments, except while the BIOS is called (bios_call.asm).

bits 16
cpu 386

STACK_TOP equ 7000h

global stage2_entry
global descriptor_table
global enter_protected
extern head_main
extern nmi_count
extern nmi_switch_table
extern bss_begin
extern bss_end

section .entry
stage2_entry:
	jmp short start
	times 8 - ($ - $$) db 0
patch:					; struct image_stage2_patch (include/format/image.h), filled in by mkimage
	db "CNS2"
	dd 0
	dd 0, 0

start:
	cli
	cld
	xor eax, eax
	mov dr7, eax			; no breakpoint of the firmware's: between the modes it would end in a reset
	mov ds, ax
	mov es, ax
	mov ss, ax
	mov esp, STACK_TOP		; all of it: soon all of it counts
	push word 2			; no flag set: a trap flag from the firmware would end the switch in a reset
	popf
	mov [nmi_count], ax
	lidt [nmi_switch_table]
	lgdt [descriptor_table]
	mov eax, cr0
	or al, 1
	mov cr0, eax
	jmp dword 18h:enter_protected

bits 32
enter_protected:
	mov ax, 10h
	mov ds, ax
	mov es, ax
	mov fs, ax
	mov gs, ax
	mov ss, ax
	mov esp, STACK_TOP
	mov edi, bss_begin
	mov ecx, bss_end
	sub ecx, edi
	shr ecx, 2
	xor eax, eax
	rep stosd
	jmp head_main

align 8
segments:				; 10h and 18h flat 32-bit, as in enter_long.asm; 08h and 20h 16-bit with 64 KiB limits for
	dq 0				; the way to real mode
	dq 00009B000000FFFFh
	dq 00CF93000000FFFFh
	dq 00CF9B000000FFFFh
	dq 000093000000FFFFh
segments_end:

descriptor_table:
	dw segments_end - segments - 1
	dd segments
