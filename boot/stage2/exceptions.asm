; Entry stubs for CPU exceptions in the loader itself, and the table that leads to them. A stub is one call: the address
; it pushes tells which it was. None comes back.

bits 32

VECTORS equ 32

global exception_stubs
global exception_table
extern exception_report
extern exception_gates

section .text.exceptions
exception_stubs:
%rep VECTORS
	call strict near exception_common
%endrep

exception_common:
	pushad
	push esp
	call exception_report

align 4
exception_table:
	dw VECTORS * 8 - 1
	dd exception_gates
