; From one thread to another (docs/threads.md walks it). What is still needed of registers the compiler has put aside, but
; for RBP; that stays on the thread's own stack, too, and where that is in its struct switch_context.

bits 64
default rel

global switch_stacks
global switch_begin

; offsets in struct switch_context
CONTEXT_STACK equ 0
CONTEXT_CANARY equ 8

; offsets in struct percpu_head
PERCPU_THREAD equ 16
PERCPU_CANARY equ 40

section .text

; switch_stacks, called by switch_context() with RDI = from, RSI = to, RDX = the other thread
; Returns to where the other thread called it, or to switch_begin.
switch_stacks:
	push rbp
	mov [rdi + CONTEXT_STACK], rsp
	mov rsp, [rsi + CONTEXT_STACK]
	mov rax, [rsi + CONTEXT_CANARY]
	mov [gs:PERCPU_CANARY], rax
	mov [gs:PERCPU_THREAD], rdx
	pop rbp
	ret

; Where a new thread begins; what it calls is on its stack, which is aligned behind it as it is before a call, and RBP is zero:
; backtraces end there.
switch_begin:
	pop rax
	call rax
	ud2
