/* Configurations, and an independent opinion of the command line they hold. Shared by unit test and fuzz target. */
#ifndef UNIT_SAMPLE_CONFIG_H
#define UNIT_SAMPLE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/image.h"

#define SAMPLE_CONFIG_LINE (IMAGE_CONFIG_TEXT_MAX + 1)

/* A configuration with this text, of which what fits is taken, and a check value that is right. */
void sample_config_fill(struct image_config *config, const char *text, size_t size);

/* Makes its check value right if its size is one that can be. */
void sample_config_seal(struct image_config *config);

/* The command line that must come of it; false: it must be refused, and the line is empty. Check values are not looked
 * at. */
bool sample_config_line(const struct image_config *config, char line[SAMPLE_CONFIG_LINE]);

/* The command line that must come of QEMU's words. */
void sample_config_words(const char *words, size_t size, char line[SAMPLE_CONFIG_LINE]);

#endif
