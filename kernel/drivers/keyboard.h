/*
 * The PS/2 keyboard, as far as others have to know that there is one.
 */
#ifndef DRIVERS_KEYBOARD_H
#define DRIVERS_KEYBOARD_H

#include <stdbool.h>

/* [task] One is plugged in and has been set up; what is typed before that is lost. */
bool keyboard_is_ready(void);

#endif
