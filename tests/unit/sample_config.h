/* Configurations, and an independent opinion of what they start. Shared by unit test and fuzz target. */
#ifndef UNIT_SAMPLE_CONFIG_H
#define UNIT_SAMPLE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/image.h"

#define SAMPLE_CONFIG_LINE (IMAGE_CONFIG_TEXT_MAX + 1)

/* Of an image with the modules `one` and `two`, kernels in both slots, B preferred, and one copy of the configuration.
 */
extern const struct image_header sample_config_header;

/* A configuration with this text, of which what fits is taken, and a check value that is right. */
void sample_config_fill(struct image_config *config, const char *text, size_t size);

/* Makes its check value right if its size is one that can be. */
void sample_config_seal(struct image_config *config);

/* What is started by default, of how many entries. */
struct sample_config {
	char line[SAMPLE_CONFIG_LINE];
	unsigned slot, modules, entries, chosen, timeout;
};

/* What must come of it; false: it must be refused. Check values are not looked at. */
bool sample_config_opinion(const struct image_config *config, struct sample_config *opinion);

/* The command line that must come of QEMU's words. */
void sample_config_words(const char *words, size_t size, char line[SAMPLE_CONFIG_LINE]);

#endif
