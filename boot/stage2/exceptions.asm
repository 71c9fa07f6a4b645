; Entry stubs for CPU exceptions in the loader itself, and the table that leads to them. A stub is one call: the address
; it pushes tells which it was. None comes back, except from an NMI.

bits 32

VECTORS equ 22			; all that there are
NMI     equ 2

global exception_stubs
global exception_table
extern exception_report
extern exception_gates
extern nmi_protected

section .text.exceptions
exception_stubs:
%assign vector 0
%rep VECTORS
%if vector = NMI
	jmp strict near nmi_protected
%else
	call strict near exception_common
%endif
%assign vector vector + 1
%endrep

exception_common:
	pushad
	push esp
	call exception_report

align 4
exception_table:
	dw VECTORS * 8 - 1
	dd exception_gates
