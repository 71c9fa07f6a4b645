/* What is started: by the image's configuration, and, under QEMU, by the person who started it. */
#ifndef STAGE2_CONFIG_H
#define STAGE2_CONFIG_H

#include "format/image.h"
#include "lib/config.h"

struct start {
	uint32_t slot;    /* whose kernel is tried first */
	uint32_t modules; /* bit i: header->module[i] is loaded */
	char command_line[IMAGE_CONFIG_TEXT_MAX + 1];
};

/* What is wrong with the configuration; "" if nothing is. */
extern char config_complaint[CONFIG_SENTENCE_MAX];

/*
 * Reads the configuration. What it says lies in the returned one, in the disk buffer: up to the next read. If no copy
 * is whole (then NULL is returned) or there is a mistake in it, that is said, and *config is what can be started all
 * the same.
 */
const struct image_config *config_read(const struct image_header *header, struct config *config);

/* What is started when nobody chooses. */
struct start *config_start(const struct config *config);

/* What is started when somebody chooses this entry, with its own command line. */
void config_take(struct start *start, const struct config_entry *entry);

#endif
