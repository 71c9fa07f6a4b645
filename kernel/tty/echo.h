/*
 * The demonstration of blog_os: what is typed appears on the screen, by an interrupt, a queue, and a task.
 */
#ifndef TTY_ECHO_H
#define TTY_ECHO_H

#include <stdbool.h>

#include "boot/boot_info.h"

/* [init] If the command line says demo=echo: says that it is ready, and has a task for it. False: nobody wants it. */
bool echo_start(const struct boot_info *info);

#endif
