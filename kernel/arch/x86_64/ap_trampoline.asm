; Where a CPU begins that was told to start: in real mode, at the start of a page below 1 MiB, to which this is copied.
; It goes to long mode in one step (Intel SDM volume 3, 9.8.5 by way of 9.8.5.4: PE and PG may come on together) and from
; there to ap_entry, by way of page tables that map this page at its own address and the kernel's half.
;
; Several CPUs run this at a time: nothing is written here but a counter, and there is no stack.

global ap_trampoline
global ap_trampoline_end
global ap_entry
extern ap_starts
extern ap_start_count
extern ap_by_x2apic
extern ap_arrive

MSR_EFER equ 0xc0000080
MSR_GS_BASE equ 0xc0000101
CODE64 equ 8

; struct ap_start in ap_start.h
START_SIZE equ 32
START_APIC_ID equ 0
START_STATE equ 4
START_STACK equ 8
START_PERCPU equ 16
AWAITED equ 1
ARRIVED equ 2

%define at(label) (label - ap_trampoline)

section .rodata.ap_trampoline

bits 16
ap_trampoline:
	jmp short real_mode
align 8
page_table:	dd 0			; struct ap_trampoline_head in ap_start.h
cr0_value:	dd 0
cr4_value:	dd 0
efer_value:	dd 0
needed:		dd 0			; bits of CPUID 8000_0001h, EDX
lacking:	dd 0			; how many CPUs lack some of them
long_address:	dd at(ap_long_mode)	; the page's address is added
		dw CODE64
segments_size:	dw segments_end - segments - 1
segments_address: dd at(segments)	; and here
entry_address:	dq 0
align 8
segments:				; "accessed" is set: the page is mapped read-only
		dq 0
		dq 00AF9B000000FFFFh	; 64-bit code
segments_end:

real_mode:
	cli
	cld
	mov ax, cs
	mov ds, ax
	mov eax, 80000000h		; what the kernel uses has to be there, or the next steps would reset the machine
	cpuid
	cmp eax, 80000001h
	jb .lacks
	mov eax, 80000001h
	cpuid
	and edx, [at(needed)]
	cmp edx, [at(needed)]
	jne .lacks
	mov eax, [at(cr4_value)]
	mov cr4, eax
	mov eax, [at(page_table)]
	mov cr3, eax
	mov ecx, MSR_EFER
	rdmsr
	or eax, [at(efer_value)]
	wrmsr
	o32 lgdt [at(segments_size)]
	mov eax, [at(cr0_value)]
	mov cr0, eax
	jmp dword far [at(long_address)]
.lacks:
	lock inc dword [at(lacking)]
.stop:
	hlt
	jmp .stop

bits 64
ap_long_mode:
	mov rax, [rel entry_address]
	jmp rax
ap_trampoline_end:

section .text
default rel

; Which of those that are awaited is this? The number of its local APIC tells: the CPU knows it before the APIC is on.
ap_entry:
	cmp byte [ap_by_x2apic], 0
	jne .wide
	mov eax, 1
	cpuid
	shr ebx, 24
	jmp .search
.wide:
	mov eax, 0bh
	xor ecx, ecx
	cpuid
	mov ebx, edx
.search:
	lea rdi, [ap_starts]
	mov rdi, [rdi]
	mov ecx, [ap_start_count]
.next:
	test ecx, ecx
	jz .stop
	cmp [rdi + START_APIC_ID], ebx
	je .found
	add rdi, START_SIZE
	dec ecx
	jmp .next
.found:
	mov eax, AWAITED		; or the boot CPU has given up: then this CPU stays out
	mov edx, ARRIVED
	lock cmpxchg [rdi + START_STATE], edx
	jne .stop
	mov rsp, [rdi + START_STACK]
	mov rax, [rdi + START_PERCPU]
	mov rdx, rax
	shr rdx, 32
	mov ecx, MSR_GS_BASE
	wrmsr
	xor ebp, ebp			; backtraces end here
	push rbp
	push rbp
	mov rbp, rsp
	call ap_arrive
.stop:
	cli
	hlt
	jmp .stop
