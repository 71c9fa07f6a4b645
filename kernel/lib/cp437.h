/*
 * Code page 437, which the VGA's font and the firmware's text are in.
 */
#ifndef LIB_CP437_H
#define LIB_CP437_H

#include <stdint.h>

/* [any] The code page's number for a character that is no ASCII, or for one that looks like it; `?` where there is
 * none. */
uint8_t cp437_search(uint32_t character);

/* [any] The same for any character. */
static inline uint8_t cp437_from_unicode(uint32_t character)
{
	return character >= ' ' && character < 0x7f ? (uint8_t)character : cp437_search(character);
}

#endif
