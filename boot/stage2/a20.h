/* Address line 20, which PCs can hold at zero for programs of 1981. */
#ifndef STAGE2_A20_H
#define STAGE2_A20_H

#include "boot/boot_info.h"

/* Turns A20 on, trying the mildest way first, and from here on again after BIOS calls that turn it off. Ends the boot
 * with a sentence when none works. */
enum boot_a20_method a20_enable(void);

#endif
