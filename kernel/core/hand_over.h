/*
 * What the loader handed over, and what it met on the way.
 */
#ifndef CORE_HAND_OVER_H
#define CORE_HAND_OVER_H

#include "boot/boot_info.h"

/* [init] Ends the machine if the kernel lies elsewhere than its pointers say: it was moved without being relocated. */
void hand_over_check_place(void);

/* [init] Panics unless this is a boot_info that this kernel understands. */
void hand_over_check(const struct boot_info *info);

/* [init] What the loader said becomes the first lines of those that are kept. */
void hand_over_keep_log(const struct boot_info *info);

/* [init] A warning for each thing that was odd; says nothing about a healthy machine. */
void hand_over_print_notes(const struct boot_info *info);

/* [any] The boot_info that was checked, which stays for ever with all it points at. */
const struct boot_info *hand_over_info(void);

#endif
