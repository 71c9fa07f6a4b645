/*
 * Which source line an instruction of the kernel was compiled from: the module `lines`, made by tools/lines.py.
 *
 *   header | runs | names
 *
 * A run is the code from one offset to the next run's; the offsets ascend. Each run is written as two or three numbers
 * (LEB128: seven bits a byte, lowest first, the top bit set in all bytes but the last):
 *
 *   how far its offset is behind that of the run before (the first: behind 0, the start of the image)
 *   (zigzag of its line less the line of the run before) * 2 + (1 if a third number follows)
 *   the index of its file's name, if it is another than that of the run before (before the first: 0)
 *
 * zigzag(d) is 2d for d >= 0 and -2d - 1 else. Line 0 means: not known. Names are paths, each ended by a zero byte.
 */
#ifndef FORMAT_LINE_TABLE_H
#define FORMAT_LINE_TABLE_H

#include <stdint.h>

#define LINE_TABLE_MAGIC 0x534e494cu /* "LINS" in memory order */

struct line_table_header {
	uint32_t magic;
	uint32_t build; /* the kernel's number of its build (symbol_build) */
	uint32_t runs_size;
	uint32_t names_size;
};

_Static_assert(sizeof(struct line_table_header) == 16, "line table header");

#endif
