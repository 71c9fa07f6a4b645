; The only gate back to real mode:
;
;   void bios_call(unsigned vector, struct bios_registers *registers);      (bios.h)
;
; Goes protected mode -> 16-bit protected mode -> real mode, calls the handler of INT `vector` with the registers given,
; and comes back with what it left in them. `registers` lies below 64 KiB (on the stack). The handler starts with
; interrupts off and CF set, as after INT from code that has both set: BIOSes turn interrupts on themselves when they need
; them, those that do not know a function leave CF as it was, and so the answer "error" is ours.
;
; What a BIOS leaves changed in the machine, `bios_watch` may mend, if it is not NULL: it is called after each call.
;
; The handler is called through the interrupt table, not by an INT instruction: its number would have to be written into
; this code, and an emulator that translates code pays for each write.

bits 32
cpu 386

CODE32 equ 18h
DATA32 equ 10h
CODE16 equ 08h
DATA16 equ 20h
REGISTERS_SIZE equ 40			; sizeof(struct bios_registers)

global bios_call
extern bios_watch
extern descriptor_table
extern exception_table
extern nmi_switch_table

section .text.bios_call
bios_call:
	pushad
	mov ebx, [esp + 36]		; vector
	mov esi, [esp + 40]		; registers
	lidt [nmi_switch_table]		; the exceptions' table is no use on the way
	jmp dword CODE16:.protected16

bits 16
.protected16:
	mov ax, DATA16			; 64 KiB limits, as real mode expects them
	mov ds, ax
	mov es, ax
	mov fs, ax
	mov gs, ax
	mov ss, ax
	mov eax, cr0
	and al, 0FEh
	mov cr0, eax
	jmp 0:.real
.real:
	xor ax, ax
	mov ds, ax
	mov es, ax
	mov fs, ax
	mov gs, ax
	mov ss, ax
	lidt [real_mode_vectors]

	push si				; where the results go
	push word 0203h			; what the handler's IRET takes: flags (interrupts on, CF set),
	push ax				; segment and
	push word .back			; address of return
	shl bx, 2
	push dword [bx]			; the handler itself
	sub sp, REGISTERS_SIZE - 4	; all but the flags
	mov di, sp
	mov cx, (REGISTERS_SIZE - 4) / 4
	cld
	rep movsd
	popad
	pop ds
	pop es
	stc				; (`sub sp` cleared it)
.called:
	retf				; into the handler
.back:
	cli				; some BIOSes come back with interrupts on
	pushfd
	push es
	push ds
	pushad				; now a struct bios_registers lies at ss:sp
	push word 2			; no flag set, as in entry.asm
	popf
	xor ax, ax
	mov ds, ax
	mov es, ax
	mov si, sp
	mov bx, sp
	mov di, [bx + REGISTERS_SIZE]
	mov cx, REGISTERS_SIZE / 4
	rep movsd
	add sp, REGISTERS_SIZE + 2
	movzx esp, sp			; a BIOS may have spoiled the upper half

	lidt [nmi_switch_table]
	lgdt [descriptor_table]		; BIOSes have tables of their own
	mov eax, cr0
	or al, 1
	mov cr0, eax
	jmp dword CODE32:.protected32

bits 32
.protected32:
	mov ax, DATA32
	mov ds, ax
	mov es, ax
	mov fs, ax
	mov gs, ax
	mov ss, ax
	lidt [exception_table]
	mov eax, [bios_watch]
	test eax, eax
	jz .done
	call eax
.done:
	popad
	ret

align 4
real_mode_vectors:
	dw 3FFh
	dd 0
