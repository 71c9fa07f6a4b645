; The 256 entry stubs and the one way in and out of C (Intel SDM volume 3, chapter 6).
;
; A trap may come from ring 3, where GS belongs to the program and must be exchanged, or from the kernel, where it must
; not. The saved CS tells, except for vectors that can arrive between entering ring 0 and the SWAPGS of another entry:
; #DB, NMI, #DF and #MC look at GS itself, which in the kernel always holds an address of the upper half.

bits 64
default rel

global trap_stubs
global trap_common
global trap_common.returned
extern trap_dispatch
extern trap_clears_ac

MSR_GS_BASE equ 0xc0000101
STUB_SIZE equ 9			; TRAP_STUB_SIZE in trap.h
VECTOR_DB equ 1
VECTOR_NMI equ 2
VECTOR_DF equ 8
VECTOR_MC equ 18

; offsets in struct trap_frame
FRAME_RBP equ 8 * 8
FRAME_VECTOR equ 15 * 8
FRAME_RIP equ 17 * 8
FRAME_CS equ 18 * 8

; vectors whose error code the CPU pushes: 8, 10-14, 17, 21, 29, 30
ERROR_CODES equ 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 | 1 << 21 | 1 << 29 | 1 << 30

section .text

; The vector is pushed less 128 so that it always fits the two-byte form of PUSH.
trap_stubs:
%assign vector 0
%rep 256
	%if vector >= 32 || !(ERROR_CODES >> vector & 1)
	push byte 0
	%endif
	push byte vector - 128
	jmp near trap_common
	times (vector + 1) * STUB_SIZE - ($ - trap_stubs) int3
	%assign vector vector + 1
%endrep

trap_common:
	add qword [rsp], 128
	push rax
	push rbx
	push rcx
	push rdx
	push rsi
	push rdi
	push rbp
	push r8
	push r9
	push r10
	push r11
	push r12
	push r13
	push r14
	push r15
	cld
	cmp byte [trap_clears_ac], 0
	je .ac_clear
	clac
.ac_clear:
	; ebx: was GS exchanged? C preserves it, so the way out undoes exactly what the way in did.
	xor ebx, ebx
	mov rax, [rsp + FRAME_VECTOR]
	cmp eax, VECTOR_MC
	ja .by_ring
	mov ecx, 1 << VECTOR_DB | 1 << VECTOR_NMI | 1 << VECTOR_DF | 1 << VECTOR_MC
	bt ecx, eax
	jnc .by_ring
	mov ecx, MSR_GS_BASE
	rdmsr
	test edx, edx
	jns .exchange
	jmp .call
.by_ring:
	test byte [rsp + FRAME_CS], 3
	jz .call
.exchange:
	swapgs
	inc ebx
.call:
	; A stack frame as if the interrupted code had called us, so that a backtrace goes on through it.
	mov rdi, rsp
	push qword [rdi + FRAME_RIP]
	push rbp
	mov rbp, rsp
	call trap_dispatch
.returned:
	add rsp, 16
	test ebx, ebx
	jz .restore
	swapgs
.restore:
	pop r15
	pop r14
	pop r13
	pop r12
	pop r11
	pop r10
	pop r9
	pop r8
	pop rbp
	pop rdi
	pop rsi
	pop rdx
	pop rcx
	pop rbx
	pop rax
	add rsp, 16
	iretq
