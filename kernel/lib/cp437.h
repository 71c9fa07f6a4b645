/*
 * Code page 437, which the VGA's font and the firmware's text are in.
 */
#ifndef LIB_CP437_H
#define LIB_CP437_H

#include <stdint.h>

/* [any] The code page's number for a character, or for one that looks like it; `?` where there is none. */
uint8_t cp437_from_unicode(uint32_t character);

#endif
