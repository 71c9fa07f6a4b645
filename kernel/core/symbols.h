/*
 * Names of the kernel's functions, from the table that tools/symbols.sh makes and the second link embeds.
 */
#ifndef CORE_SYMBOLS_H
#define CORE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [irq] The function an address lies in, and how far in; NULL if it is not in the kernel's code or there is no table.
 */
const char *symbols_find(uint64_t address, uint64_t *offset);

/* Longest text that symbols_describe writes, with its zero byte. */
#define SYMBOLS_TEXT_MAX 80

/* [irq] Writes `name+0x12`, or the bare address where there is no name; returns `text`. */
const char *symbols_describe(uint64_t address, char text[SYMBOLS_TEXT_MAX]);

/*
 * [irq] The same for a return address: in terms of the function that called. A call that never returns may be its
 * function's last instruction, and what lies behind it is another function.
 */
const char *symbols_describe_caller(uint64_t address, char text[SYMBOLS_TEXT_MAX]);

struct symbol {
	const char *name;
	uint64_t address;
	uint32_t number; /* of those that were had so far */
};

/* [irq] The next function in the order of addresses, from one that is all zero on; false behind the last. */
bool symbols_next(struct symbol *symbol);

/* Tells builds apart. Zero in the first link. */
extern const uint32_t symbol_build;

/* The table: ascending offsets from the start of the image, and as many names, each ended by a zero byte. */
extern const uint32_t symbol_count;
extern const uint32_t symbol_offsets[];
extern const char symbol_names[];

#endif
