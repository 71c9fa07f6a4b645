/* COM1 in both directions at once, for the menu. */
#ifndef STAGE2_MENU_SERIAL_H
#define STAGE2_MENU_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Forgets what has come so far. */
void menu_serial_begin(void);

/* Sends bytes as they are; what comes meanwhile is kept. */
void menu_serial_write(const char *text, size_t length);

/* Takes the next byte that has come, if there is one. */
bool menu_serial_read(uint8_t *byte);

/* Has more come than was taken? */
bool menu_serial_has_more(void);

#endif
