/* A bar on the screen while something large is loaded, and a line for what is very large on the serial line, too. */
#ifndef STAGE2_PROGRESS_H
#define STAGE2_PROGRESS_H

#include <stdint.h>

/* `blocks` blocks of `name` will be loaded by verify_load(). The bar is erased when all of them are. */
void progress_begin(const char *name, uint32_t blocks);

#endif
