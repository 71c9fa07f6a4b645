; A call that can be abandoned from inside, without an IRET (see trap_try in trap.h).

bits 64
default rel

global trap_try_call
global trap_try_leave

section .text

; bool trap_try_call(uint64_t *innermost, void (*function)(void *), void *context)
; Keeps on the stack what C expects to be preserved, and in *innermost where that is; the one before comes back at the end.
trap_try_call:
	push rbp
	mov rbp, rsp
	push rbx
	push r12
	push r13
	push r14
	push r15
	pushfq
	push qword [rdi]
	push rdi
	mov [rdi], rsp
	mov rdi, rdx
	call rsi
	mov eax, 1
leave_call:
	pop rdi
	pop qword [rdi]
	popfq
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbx
	pop rbp
	ret

; void trap_try_leave(uint64_t *innermost)
; Returns false from the last call that has not returned.
trap_try_leave:
	mov rsp, [rdi]
	xor eax, eax
	jmp leave_call
