/*
 * The x87, SSE, AVX and AVX-512 registers, which the kernel itself does not use: what is in them is some thread's
 * (Intel SDM volume 1, chapter 13).
 */
#ifndef ARCH_VECTOR_STATE_H
#define ARCH_VECTOR_STATE_H

#include <stddef.h>

#define VECTOR_STATE_ALIGN 64u

/* [thread] Lets this CPU execute the instructions, once, and learns how many bytes their registers take; returns that.
 */
size_t vector_state_start(void);

/* [irq] Fills an area of so many bytes, all zero, with the state that a program begins with. */
void vector_state_clear(void *area);

/* [irq] The registers of this CPU to or from an area, which begins at a multiple of VECTOR_STATE_ALIGN. */
extern void (*vector_state_save)(void *area);
extern void (*vector_state_restore)(void *area);

/* For vector_state.c only. */
void vector_state_xsave(void *area);
void vector_state_xsaveopt(void *area);
void vector_state_xrstor(void *area);
void vector_state_fxsave(void *area);
void vector_state_fxrstor(void *area);

#endif
