; A bad BIOS, as a boot sector: it moves to 90000h, hooks the BIOS's calls, loads the real boot sector from the last sector
; of the first MiB and starts it with the registers of a machine that promises nothing. One of these is defined:
;
;   REGISTERS    CS = 07C0h, segments, stack and flags are anything; each INT 13h spoils what it may, and leaks DF
;   DRIVE        DL is a disk that does not exist
;   NO_EDD       no packet calls, and AH=08h wants ES:DI = 0
;   DENIES_EDD   AH=41h fails and there is no geometry, but AH=42h works
;   CORRECTED    each read says CF and status 11h: the data is right, error correction had to help
;   NO_MAP       E820h, E801h and 88h are not known: the handler returns with all registers and flags as they were
;   ONLY_E801    of these three, E801h is known
;   ONLY_88      of these three, 88h is known
;   A20_OFF      address line 20 is off, and INT 15h AX=2401h does not know how to turn it on
;   LATE_A20     address line 20 is off, and the BIOS can turn it on
;   VBE_REFUSES  no graphics mode can be set
;   VBE_ONCE     the first graphics mode that is set fails
;   VBE_RAM      every framebuffer lies where there is memory
;   VBE_ENDLESS  the list of modes has no end, and none of its modes exists

bits 16
cpu 386
org 7C00h

REAL   equ 2047				; where the test puts the real boot sector
PLACE  equ 9000h
LIST   equ 8000h

%macro hook 2				; vector, handler: the old handler is kept in old_%1
	mov eax, [%1 * 4]
	mov [cs:old_%1 - 7C00h], eax
	mov word [%1 * 4], %2 - 7C00h
	mov word [%1 * 4 + 2], PLACE
%endmacro

	jmp short start
	times 5Ah - ($ - $$) db 0
start:
	cli
	cld
	xor ax, ax
	mov ds, ax
	mov ss, ax
	mov sp, 6000h
	mov si, 7C00h
	mov ax, PLACE
	mov es, ax
	xor di, di
	mov cx, 256
	rep movsw
	jmp PLACE:moved - 7C00h
moved:
	sti
	push dx
	push dword 0			; read the real boot sector
	push dword REAL
	push word 0
	push word 7C00h
	push word 1
	push word 16
	mov si, sp
	push ds
	push ss
	pop ds
	mov ah, 42h
	int 13h
	pop ds
	add sp, 16
	pop dx
	cli
%ifdef A20_OFF
	mov ax, 2400h
	int 15h
%endif
%ifdef LATE_A20
	mov ax, 2400h
	int 15h
%endif
	xor ax, ax
	mov ds, ax
	hook 13h, disk
	hook 15h, system
	hook 10h, video
%ifdef DRIVE
	mov dl, 7Fh
%endif
%ifdef REGISTERS
	mov ax, 0F123h
	mov ds, ax
	mov es, ax
	mov eax, 0DEADBEEFh
	mov ebx, eax
	mov ecx, eax
	mov esi, eax
	mov edi, eax
	mov ebp, eax
	mov dh, 0A5h
	mov ax, 3000h
	mov ss, ax
	mov sp, 0FFFEh
	push word 0702h			; trap, interrupt and direction flags
	popf
	jmp 07C0h:0
%else
	jmp 0:7C00h
%endif

disk:
%ifdef REGISTERS
	pushf
	call far [cs:old_13h - 7C00h]
	mov esi, 0DEADBEEFh
	mov edi, esi
	mov ebp, esi
	push ax
	mov ax, 0F123h
	mov ds, ax
	mov fs, ax
	mov gs, ax
	pop ax
	std
	retf 2
%endif
%ifdef NO_EDD
	cmp ah, 41h
	jae .unknown
	cmp ah, 8
	jne .old
	push ax
	mov ax, es
	or ax, di
	pop ax
	jz .old
.unknown:
	mov ah, 1
	stc
	retf 2
.old:
%endif
%ifdef DENIES_EDD
	cmp ah, 41h
	jne .geometry
	mov ah, 1
	stc
	retf 2
.geometry:
	cmp ah, 8
	jne .old
	xor cx, cx
	xor dx, dx
	clc
	retf 2
.old:
%endif
%ifdef CORRECTED
	cmp ah, 42h
	je .read
	cmp ah, 2
	jne .old
.read:
	pushf
	call far [cs:old_13h - 7C00h]
	jc .end
	mov ah, 11h
	stc
.end:
	retf 2
.old:
%endif
	jmp far [cs:old_13h - 7C00h]

system:
	pushf
%ifdef NO_MAP
	cmp ah, 0E8h
	je .unknown
	cmp ah, 88h
	je .unknown
%endif
%ifdef ONLY_E801
	cmp ax, 0E820h
	je .unknown
	cmp ah, 88h
	je .unknown
%endif
%ifdef ONLY_88
	cmp ah, 0E8h
	je .unknown
%endif
%ifdef A20_OFF
	cmp ah, 24h
	je .unknown
%endif
	popf
	jmp far [cs:old_15h - 7C00h]
.unknown:
	popf
	retf 2

video:
%ifdef VBE_REFUSES
	cmp ax, 4F02h
	jne .old
	mov ax, 014Fh
	iret
%endif
%ifdef VBE_ONCE
	cmp ax, 4F02h
	jne .old
	not byte [cs:refused - 7C00h]
	cmp byte [cs:refused - 7C00h], 0
	je .old
	mov ax, 014Fh
	iret
%endif
%ifdef VBE_RAM
	cmp ax, 4F01h
	jne .old
	pushf
	call far [cs:old_10h - 7C00h]
	mov dword [es:di + 40], 200000h
	iret
%endif
%ifdef VBE_ENDLESS
	cmp ax, 4F00h
	jne .old
	pushf
	call far [cs:old_10h - 7C00h]
	mov word [es:di + 14], 0
	mov word [es:di + 16], LIST
	push es
	push di
	push LIST
	pop es
	xor di, di
	mov cx, 8000h
	mov ax, 0FFF0h
	rep stosw
	mov ax, 004Fh
	pop di
	pop es
	iret
%endif
.old:
	jmp far [cs:old_10h - 7C00h]
refused: db 0

align 4
old_10h: dd 0
old_13h: dd 0
old_15h: dd 0

	times 440 - ($ - $$) db 0	; the rest of the sector stays the image's
