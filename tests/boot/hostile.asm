; A bad BIOS, as a boot sector: it moves to 90000h, hooks the BIOS's calls, loads the real boot sector from the last sector
; of the first MiB and starts it with the registers of a machine that promises nothing: interrupts are always off. One or
; more of these are defined:
;
;   REGISTERS    CS = 07C0h, segments, stack and flags are anything; each call spoils what some BIOSes do, leaks DF and IF
;   LEAKS_TF     INT 13h comes back with the flags for traps and nested tasks
;   BREAKPOINT=n a debug register holds this address
;   PAGE_1       the screen shows its second page
;   NEEDS_IF     INT 13h waits for an interrupt and so never ends when they are off; and returns with them off
;   DRIVE        DL is a disk that does not exist
;   DRIVE_0      DL is 0, a floppy drive without a disk
;   NO_EDD       no packet calls, and AH=08h wants ES:DI = 0
;   DENIES_EDD   AH=41h fails and there is no geometry, but AH=42h works
;   BROKEN_EDD   AH=41h says that there are packet calls, and AH=42h fails
;   NO_TRACKS    a track has 0 sectors
;   CORRECTED    each read says CF and status 11h: the data is right, error correction had to help
;   ODD_READS    each odd read fails, the first one, too
;   NEEDS_RESET  the first read fails, and so do all until the disk is reset
;   FAILS=n      of the reads of more than one sector n fail, then one works, and again
;   LIMIT=n      reads of more than n sectors fail
;   BOUNDARY     reads to memory on both sides of a multiple of 64 KiB fail, with status 09h
;   LAZY         no read does anything, and all say that they did
;   LAZY_ONCE    the first read of more than one sector is like that
;   ES_BX        AH=42h reads to where AH=02h would
;   LONG_ANSWER  AH=48h writes as much as EDD 4 says, however much it was asked for
;   NO_MAP       E820h, E801h and 88h are not known: the handler returns with all registers and flags as they were
;   ONLY_E801    of these three, E801h is known
;   ONLY_88      of these three, 88h is known
;   UNSORTED     E820h has a list without order, with ranges in others, empty ones, unknown ones and one that wraps around
;   ENDLESS      E820h has a list without end
;   LOSES_SMAP   E820h forgets to say SMAP from the second range on
;   LONG_RANGES  E820h writes 32 bytes for each range, says they are 255, and keeps neither EDX nor ESI
;   TAKEN        E820h says that memory begins 32 KiB beyond 1 MiB
;   MISSING      E820h says that 256 GiB from 1 MiB on are one range of memory
;   A20_OFF      address line 20 is off, and INT 15h AX=2401h does not know how to turn it on
;   LATE_A20     address line 20 is off, and the BIOS can turn it on
;   A20_FALLS    each INT 13h turns address line 20 off again
;   FIVE_LEVELS  CR4 says that page tables have five levels
;   HIDES_NX     IA32_MISC_ENABLE says that NX is not to be there
;   NO_NEXT      INT 18h does nothing
;   NO_KEYS      INT 16h knows of no key and leaves interrupts as they are
;   VBE_REFUSES  no graphics mode can be set
;   VBE_ONCE     the first graphics mode that is set fails
;   VBE_RAM      every framebuffer lies where there is memory
;   EDID_LIES    what the display says of itself makes no sense
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

%macro hooked 1				; does what the BIOS does, and comes back
	pushf
	call far [cs:old_%1 - 7C00h]
%endmacro

%macro spoil 0				; what no BIOS call has to keep
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
	sti
%endmacro

%macro unless_read 1			; goes there if this is no read
	cmp ah, 42h
	je %%read
	cmp ah, 2
	jne %1
%%read:
%endmacro

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
%ifdef HIDES_NX
cpu 586
	mov ecx, 1A0h
	rdmsr
	or dl, 4			; bit 34
	wrmsr
%endif
%ifdef FIVE_LEVELS
	mov eax, cr4
	or ax, 1 << 12
	mov cr4, eax
%endif
%ifdef BREAKPOINT
	mov eax, BREAKPOINT
	mov dr0, eax
	mov eax, 1			; an instruction there
	mov dr7, eax
%endif
%ifdef PAGE_1
	mov ax, 0501h
	int 10h
%endif
	xor ax, ax
	mov ds, ax
	hook 13h, disk
	hook 15h, system
	hook 10h, video
%ifdef NO_NEXT
	hook 18h, next
%endif
%ifdef NO_KEYS
	hook 16h, keys
%endif
%ifdef DRIVE_0
	mov dl, 0
%endif
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
%ifdef A20_FALLS
	hooked 13h
	pushf
	push ax
	mov ax, 2400h
	hooked 15h
	pop ax
	popf
	retf 2
%endif
%ifdef REGISTERS
	hooked 13h
	spoil
	retf 2
%endif
%ifdef LEAKS_TF
	hooked 13h
	push bp
	mov bp, sp
	pushf
	or word [bp - 2], 4100h
	popf
	pop bp
	retf 2
%endif
%ifdef NEEDS_IF
	push bp
	mov bp, sp
	test word [bp + 6], 200h
	pop bp
	jz $
	hooked 13h
	cli
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
%ifdef BROKEN_EDD
	cmp ah, 42h
	jne .old
	mov ah, 1
	stc
	retf 2
.old:
%endif
%ifdef NO_TRACKS
	cmp ah, 8
	jne .tracks
	hooked 13h
	mov cx, 0
	retf 2
.tracks:
%endif
%ifdef CORRECTED
	unless_read .old
	hooked 13h
	jc .end
	mov ah, 11h
	stc
.end:
	retf 2
.old:
%endif
%ifdef ODD_READS
	unless_read .old
	not byte [cs:flag - 7C00h]
	cmp byte [cs:flag - 7C00h], 0
	je .old
	mov ah, 4
	stc
	retf 2
.old:
%endif
%ifdef NEEDS_RESET
	test ah, ah
	jne .no_reset
	mov byte [cs:flag - 7C00h], 1
.no_reset:
	unless_read .old
	cmp byte [cs:flag - 7C00h], 1
	je .old
	mov ah, 80h
	stc
	retf 2
.old:
%endif
%ifdef FAILS
	unless_read .old
	cmp ah, 2
	je .count_it
	cmp byte [si + 2], 1
	je .old
.count_it:
	inc byte [cs:flag - 7C00h]
	cmp byte [cs:flag - 7C00h], FAILS
	ja .enough
	mov ah, 4
	stc
	retf 2
.enough:
	mov byte [cs:flag - 7C00h], 0
.old:
%endif
%ifdef LIMIT
	unless_read .old
	push ax
	cmp ah, 2
	je .counted
	mov al, [si + 2]
.counted:
	cmp al, LIMIT
	pop ax
	jbe .old
	mov ah, 1
	stc
	retf 2
.old:
%endif
%ifdef BOUNDARY
	unless_read .old
	push eax
	push edx
	mov dx, es			; where to: in dx, as an offset from such a line
	shl dx, 4
	add dx, bx
	cmp ah, 2
	je .where_known
	mov dx, [si + 6]
	shl dx, 4
	add dx, [si + 4]
	mov al, [si + 2]
.where_known:
	movzx eax, al
	shl eax, 9
	movzx edx, dx
	add eax, edx
	cmp eax, 10000h
	pop edx
	pop eax
	jbe .old
	mov ah, 9
	stc
	retf 2
.old:
%endif
%ifdef LAZY
	unless_read .old
	mov ah, 0
	clc
	retf 2
.old:
%endif
%ifdef LAZY_ONCE
	cmp ah, 42h
	jne .old
	cmp byte [si + 2], 1
	je .old
	cmp byte [cs:flag - 7C00h], 0
	jne .old
	not byte [cs:flag - 7C00h]
	mov ah, 0
	clc
	retf 2
.old:
%endif
%ifdef ES_BX
	cmp ah, 42h
	jne .old
	mov [si + 4], bx
	mov [si + 6], es
.old:
%endif
%ifdef LONG_ANSWER
	cmp ah, 48h
	jne .old
	hooked 13h
	pusha
	push es
	pushf
	push ds
	pop es
	cld
	lea di, [si + 1Eh]
	mov cx, 4Ah - 1Eh
	mov al, 0FFh
	rep stosb
	popf
	pop es
	popa
	retf 2
.old:
%endif
	jmp far [cs:old_13h - 7C00h]

system:
%ifdef REGISTERS
	hooked 15h
	spoil
	mov es, si
	retf 2
%endif
%ifdef UNSORTED
	cmp ax, 0E820h
	jne .old
	push si
	shr ebx, 8			; what comes back in ebx means something to the BIOS only
	mov si, bx
	cmp bl, RANGES_END - 20 - RANGES
	mov ebx, 0
	je .last
	lea bx, [si + 20]
	shl ebx, 8
.last:
	push ds
	push di
	push cs
	pop ds
	cld
	add si, RANGES - 7C00h
	mov cx, 10
	rep movsw
	pop di
	pop ds
	pop si
	mov cx, 20
	mov eax, edx
	clc
	retf 2
.old:
%endif
%ifdef ENDLESS
	cmp ax, 0E820h
	jne .old
	hooked 15h
	jc .end
	test ebx, ebx
	jnz .end
	inc bx
.end:
	retf 2
.old:
%endif
%ifdef TAKEN
	cmp ax, 0E820h
	jne .old
	hooked 15h
	cmp dword [es:di], 100000h
	jne .end
	add dword [es:di], 8000h
	sub dword [es:di + 8], 8000h
.end:
	clc
	retf 2
.old:
%endif
%ifdef MISSING
	cmp ax, 0E820h
	jne .old
	hooked 15h
	cmp dword [es:di], 100000h
	jne .end
	mov dword [es:di + 12], 3Fh	; of 4 GiB each, and what there is
.end:
	clc
	retf 2
.old:
%endif
%ifdef LOSES_SMAP
	cmp ax, 0E820h
	jne .old
	test ebx, ebx
	jz .old
	hooked 15h
	mov eax, 0E820h
	retf 2
.old:
%endif
%ifdef LONG_RANGES
	cmp ax, 0E820h
	jne .old
	hooked 15h
	mov dword [es:di + 24], 0FFFFFFFFh
	mov dword [es:di + 28], 0FFFFFFFFh
	mov ecx, 255
	xor edx, edx
	xor esi, esi
	clc
	retf 2
.old:
%endif
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

%ifdef NO_NEXT
next:
	iret
%endif

%ifdef NO_KEYS
keys:
	push bp
	mov bp, sp
	or byte [bp + 6], 40h		; the zero flag
	pop bp
	iret
%endif

video:
%ifdef REGISTERS
	cmp ah, 0Eh
	jne .old
	hooked 10h
	mov ax, 0F123h
	mov bp, ax
	std
	sti
	retf 2
%endif
%ifdef VBE_REFUSES
	cmp ax, 4F02h
	jne .old
	mov ax, 014Fh
	iret
%endif
%ifdef VBE_ONCE
	cmp ax, 4F02h
	jne .old
	not byte [cs:flag - 7C00h]
	cmp byte [cs:flag - 7C00h], 0
	je .old
	mov ax, 014Fh
	iret
%endif
%ifdef VBE_RAM
	cmp ax, 4F01h
	jne .old
	hooked 10h
	mov dword [es:di + 40], 200000h
	iret
%endif
%ifdef EDID_LIES
	cmp ax, 4F15h
	jne .old
	hooked 10h
	add byte [es:di + 56], 16
	iret
%endif
%ifdef VBE_ENDLESS
	cmp ax, 4F00h
	jne .old
	hooked 10h
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
flag: db 0

%ifdef UNSORTED
RANGES:
%macro range 3				; base, size, type
	dq %1, %2
	dd %3
%endmacro
	range 100000h, 1F00000h, 1
	range 0F0000h, 10000h, 2
	range 500000h, 1000h, 77
	range 0, 9FC00h, 1
	range 0FFFFFFFFFFFFF000h, 2000h, 1
	range 200000h, 0, 2
	range 400000h, 800000h, 1
	range 1FE0000h, 20000h, 2
	range 9FC00h, 400h, 2
RANGES_END:
%endif

align 4
old_10h: dd 0
old_13h: dd 0
old_15h: dd 0
old_16h: dd 0
old_18h: dd 0

	times 440 - ($ - $$) db 0	; the rest of the sector stays the image's
