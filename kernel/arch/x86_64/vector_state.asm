; The only instructions of the kernel that touch vector registers (tools/check_code knows them by their names).

bits 64
default rel

global vector_state_xsave
global vector_state_xsaveopt
global vector_state_xrstor
global vector_state_fxsave
global vector_state_fxrstor

section .text

; void vector_state_...(void *area): of all that XCR0 enables
vector_state_xsave:
	mov eax, -1
	mov edx, eax
	xsave64 [rdi]
	ret

; The same, but what has not changed since it was restored from here is not written again.
vector_state_xsaveopt:
	mov eax, -1
	mov edx, eax
	xsaveopt64 [rdi]
	ret

vector_state_xrstor:
	mov eax, -1
	mov edx, eax
	xrstor64 [rdi]
	ret

; Of CPUs without XSAVE: x87 and SSE.
vector_state_fxsave:
	fxsave64 [rdi]
	ret

vector_state_fxrstor:
	fxrstor64 [rdi]
	ret
