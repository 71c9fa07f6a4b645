/* The kernel's command line: from the image's configuration, or, under QEMU, from the person who started it. */
#ifndef STAGE2_CONFIG_H
#define STAGE2_CONFIG_H

#include "format/image.h"

/* The command line, ended by a zero byte. A damaged configuration is said, and an empty line is used. */
const char *config_command_line(const struct image_header *header);

#endif
