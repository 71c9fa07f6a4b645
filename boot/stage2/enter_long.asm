; From 32-bit to 64-bit mode, and into the kernel. This page lies at ENTER_LONG_PAGE and is mapped at its own address,
; readable and executable, so that the CPU finds the next instruction when paging comes on. Stage 2's C code fills in
; struct hand_over at its start (hand_over.h), copies the page here and jumps to enter_long. The kernel unmaps it.
;
; It also answers for exceptions until the kernel has descriptor tables of its own, whatever the stack pointer is by then:
; in long mode the CPU takes a stack of the loader's for them (IST), and another one for NMIs, which come in between.
; An NMI is counted in the kernel's boot_info, at every instruction of the way (nmi.asm has the idea): the table of the
; switch holds vector 2 where protected mode looks for it and where long mode does, this page's descriptors are those that
; 32-bit code runs with already, and the stack is the end of this page until the kernel's can be reached.

section .enter_long

VECTORS         equ 22
NMI             equ 2
STUB_SIZE       equ 5			; a near call or jump
NOTES_NMIS      equ 300			; struct boot_info: notes.nmis
PAGE_SIZE       equ 4096
PAGE_HIGH       equ 2			; ENTER_LONG_PAGE >> 16; its lower half is 0 (stage2.ld)
CODE64          equ 08h
CODE32          equ 18h
GATE            equ 8E00h		; present, interrupts off
EXCEPTION_STACK equ 1			; number in the TSS
NMI_STACK       equ 2
TSS64           equ 89h			; present, available
TSS             equ 20h
COM1            equ 3F8h
TICKS           equ 900			; 49 seconds
POLLS           equ 1 << 22		; some seconds at least

extern nmi_count
extern fault_stacks
global hand_over
global enter_long

hand_over:				; struct hand_over
.entry:		dq 0
.stack:		dq 0
.info:		dq 0
.page_table:	dd 0
.efer:		dd 0
.screen:	dd 0
.cr4:		dd 0
.picture:	dq 0
.font:		dq 0
.pitch:		dd 0
.pixel:		dd 0
.columns:	dd 0
.red:		dd 0

align 8
segments:				; accessed bits are set: the page becomes read-only
	dq 0
	dq 00AF9B000000FFFFh		; 08h: 64-bit code
	dq 00CF93000000FFFFh		; 10h: data
	dq 00CF9B000000FFFFh		; 18h: 32-bit code, as in entry.asm
	dw task_end - task - 1, task - hand_over ; 20h, 16 bytes in long mode
	db PAGE_HIGH, TSS64, 0, 0
	dq 0
segments_end:

task:					; Intel SDM volume 3, 8.7
	times 36 db 0			; no ring but 0
	dd fault_stacks + PAGE_SIZE / 2, 0
	dd fault_stacks + PAGE_SIZE, 0
	times 5 dq 0
	times 10 db 0
	dw task_end - task		; no ports for other rings
task_end:
%if task_end - task != 104
%error "the TSS has another layout"
%endif

descriptor_table:
	dw segments_end - segments - 1
	dd segments, 0
gate_table:
	dw long_gates_end - long_gates - 1
	dd long_gates, 0

switch_table:
	dw 47
	dd switch_vectors
switch_vectors equ $ - 16		; nothing asks for vectors 0 and 1
	dw nmi_protected - hand_over, CODE32, GATE, PAGE_HIGH
	dq 0
	dw nmi_long - hand_over, CODE64, GATE, PAGE_HIGH, 0, 0, 0, 0

bits 32
enter_long:
	mov esp, hand_over + PAGE_SIZE
	lidt [switch_table]		; from here on they are counted in boot_info: what was counted before goes there
	mov ax, [nmi_count]
	mov ecx, [hand_over.info]
	add [ecx + NOTES_NMIS], ax
	lgdt [descriptor_table]
	mov dword [fault_stacks], 0	; no exception yet
	mov eax, [hand_over.cr4]	; all of it: no global pages yet, nothing that firmware forgot (five levels, say)
	mov cr4, eax
	mov eax, [hand_over.page_table]
	mov cr3, eax
	mov ecx, 0C0000080h		; EFER: LME, and NXE where there is NX
	rdmsr
	or eax, [hand_over.efer]
	wrmsr
	mov eax, cr0
	and eax, 9FFAFFF3h		; caches on; no alignment checks; FPU neither emulated nor switched away; and as long as
					; the stack is in this page, which is read-only, no write protection for us
	or eax, 80000001h		; paging, protected mode
	mov cr0, eax
	jmp dword CODE64:long_mode

bits 64
long_mode:
	mov eax, 10h
	mov ds, eax
	mov es, eax
	mov fs, eax
	mov gs, eax
	mov ss, eax
	mov eax, TSS			; this writes to the descriptor: while there is no write protection
	ltr ax
	lidt [rel gate_table]
	mov rsp, [rel hand_over.stack]
	mov rax, cr0
	bts rax, 16			; now there is write protection
	mov cr0, rax
	mov rdi, [rel hand_over.info]
	xor eax, eax
	push rax			; as if called: no way back
	cld
	push rax
	popfq
	xor ebp, ebp
enter_kernel:
	jmp [rel hand_over.entry]

; ---- exceptions between here and the kernel's own tables -------------------------------------------------------------
bits 32
nmi_protected:
	push eax
	mov eax, [hand_over.info]	; the lower half of where it is mapped is where it is
	inc word [eax + NOTES_NMIS]
	pop eax
	iretd

bits 64
nmi_long:				; boot_info is read-only: what write protection there is is taken away for a moment
	push rax
	push rcx
	mov rcx, cr0
	mov rax, rcx
	btr rax, 16
	mov cr0, rax
	mov rax, [rel hand_over.info]
	inc word [rax + NOTES_NMIS]
	mov cr0, rcx
	pop rcx
	pop rax
	iretq

long_stubs:
%assign vector 0
%rep VECTORS
%if vector = NMI
	jmp strict near nmi_long
%else
	call strict near exception
%endif
%assign vector vector + 1
%endrep

exception:
	cld				; gates leave it as it was
	bts dword [abs fault_stacks], 0	; one while another is being said would be said without end
	jc reset
	mov al, 05h
	out 80h, al			; for POST cards
	pop rbx				; which stub: its call's return address
	lea rax, [rel long_stubs]
	sub rbx, rax
	mov eax, ebx
	xor edx, edx
	mov ecx, STUB_SIZE
	div ecx
	lea ebx, [rax - 1]		; vector
	mov ecx, 32			; twice what a serial port keeps: what was typed before there was something to read
.forget:
	in al, 60h
	mov edx, COM1
	in al, dx
	loop .forget
	mov edi, [rel hand_over.screen]	; 0: no text screen
	mov r12, [rel hand_over.picture] ; 0: no framebuffer
	mov r13, r12			; r12 is where the next character goes, r13 where its line begins
	xor r14d, r14d			; its column
	lea rsi, [rel words]
	call print
	mov rdx, rbx
	mov ecx, 2
	call print_hex
	lea rsi, [rel words_at]
	call print
	mov rdx, [abs fault_stacks + PAGE_SIZE / 2 - 5 * 8] ; RIP, whether an error code follows or not: a vector that has
					; one comes without it if it is an interrupt of the 8259
	mov ecx, 16
	call print_hex
	lea rsi, [rel words_end]
	call print
	; The BIOS is out of reach: a key or a minute, then a reset.
	mov r8d, TICKS
.tick:
	mov r9d, POLLS			; bounded: the timer may stand
.poll:
	in al, 64h			; a key of either keyboard; FFh: there is no such chip
	call has_key
	mov edx, COM1 + 5
	in al, dx
	call has_key
	mov al, 0
	out 43h, al			; latch the timer's count
	in al, 40h
	mov ah, al
	in al, 40h
	xchg al, ah
	cmp ax, bp			; it falls, from 65535 to 0 at 18.2 Hz
	movzx ebp, ax
	ja .fell_through
	dec r9d
	jnz .poll
	jmp reset
.fell_through:
	dec r8d
	jnz .tick
reset:					; as boot/stage2/panic.c does
	mov ecx, 1000
.again:
	mov al, 6
	mov edx, 0CF9h
	out dx, al
	mov al, 0FEh
	out 64h, al
	loop .again
	lidt [rel no_table]
	int3

; Does not come back if al, a status with bit 0 for data, says that a key was pressed.
has_key:
	cmp al, 0FFh
	je .none
	test al, 1
	jnz reset
.none:
	ret

; The low `ecx` hexadecimal digits of rdx.
print_hex:
	mov r8d, ecx
	shl ecx, 2
	ror rdx, cl			; the first digit to the top
.digit:
	rol rdx, 4
	mov eax, edx
	and eax, 15
	cmp al, 10
	jb .decimal
	add al, 'A' - '0' - 10
.decimal:
	add al, '0'
	call put_byte
	dec r8d
	jnz .digit
	ret

print:					; text at rsi, ended by 0
	lodsb
	test al, al
	jz .end
	call put_byte
	jmp print
.end:
	ret

put_byte:				; al to screen, port E9 and COM1; spoils rax, rcx, r9; keeps rdx
	mov r9, rdx
	cmp al, ' '
	jb .debug_port			; screens have no end of line
	mov ah, 4Fh			; white on red
	test r12, r12
	jnz .draw
	test edi, edi
	jz .debug_port
	stosw
	jmp .debug_port
.draw:
	call draw
.debug_port:
	mov ah, al
	in al, 0E9h
	cmp al, 0E9h
	mov al, ah
	jne .serial
	out 0E9h, al
.serial:
	mov edx, COM1 + 5
	mov ecx, 100000			; bounded: there may be no port
.busy:
	in al, dx
	test al, 20h
	loopz .busy
	mov al, ah
	mov edx, COM1
	out dx, al
	mov rdx, r9
	ret

; Draws al, white on red; spoils rcx, r10, r11, r15.
draw:
	push rax
	push rdx
	push rsi
	push rdi
	movzx esi, al
	shl esi, 4			; 16 rows of 8 pixels
	add rsi, [rel hand_over.font]
	mov rdi, r12
	mov r10d, 16
.row:
	mov dl, [rsi]
	inc rsi
	mov r15, rdi
	mov r11d, 8
.pixel:
	mov eax, [rel hand_over.red]
	add dl, dl			; the leftmost first
	jnc .background
	or eax, -1
.background:
	mov ecx, [rel hand_over.pixel]
.byte:
	stosb
	shr eax, 8
	loop .byte
	dec r11d
	jnz .pixel
	mov edi, [rel hand_over.pitch]
	add rdi, r15
	dec r10d
	jnz .row
	inc r14d
	mov eax, [rel hand_over.pixel]
	lea r12, [r12 + rax * 8]
	cmp r14d, [rel hand_over.columns]
	jb .end
	xor r14d, r14d
	mov eax, [rel hand_over.pitch]
	shl eax, 4
	add r13, rax
	mov r12, r13
.end:
	pop rdi
	pop rsi
	pop rdx
	pop rax
	ret

no_table:
	times 10 db 0
words:
	db 13, 10, "Cairn error 05: the kernel met CPU exception ", 0
words_at:
	db "h before it had its own handlers, at ", 0
words_end:
	db ". A key restarts the machine.", 13, 10, 0

align 8
long_gates:
%assign vector 0
%rep VECTORS
%if vector = NMI
	dw long_stubs - hand_over + vector * STUB_SIZE, CODE64, GATE | NMI_STACK, PAGE_HIGH, 0, 0, 0, 0
%else
	dw long_stubs - hand_over + vector * STUB_SIZE, CODE64, GATE | EXCEPTION_STACK, PAGE_HIGH, 0, 0, 0, 0
%endif
%assign vector vector + 1
%endrep
long_gates_end:
