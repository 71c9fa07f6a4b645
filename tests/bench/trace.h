/*
 * What is asked of a heap, made in advance so that making it costs no time: each step names a slot; if it holds a
 * block, that is freed, else one of `size` bytes is put there.
 */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include <stddef.h>
#include <stdint.h>

struct step {
	uint32_t slot;
	uint32_t size;
};

struct trace {
	const char *name;
	struct step *steps;
	size_t count;
	size_t warm_up; /* so many steps at the start only fill the heap */
	uint32_t slots;
	uint64_t peak; /* most bytes that are asked for at a time */
};

/* 200 live blocks of up to 128 bytes that come and go. */
struct trace trace_steady(size_t steps);

/* `live` blocks of 16 to 4096 bytes, each size range between two powers of two as likely as any other. */
struct trace trace_mixed(uint32_t live, size_t steps);

/* Waves of 20,000 blocks, each wave of another size: of each one block in eight stays until the end. */
struct trace trace_fragmenting(unsigned int waves);

void trace_drop(struct trace *trace);

#endif
