/*
 * The image's configuration: what can be started, and what is started when nobody chooses. docs/configuration.md is for
 * those who write one. The text is read the same way by the loader and by mkimage.
 */
#ifndef LIB_CONFIG_H
#define LIB_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "format/image.h"

#define CONFIG_ENTRY_MAX   9u /* each has a digit to be chosen by */
#define CONFIG_NAME_MAX    40u
#define CONFIG_TIMEOUT_MAX 3600u /* seconds */

/* A piece of the configuration's text, without a zero byte at its end. */
struct config_words {
	const char *text;
	uint32_t length;
};

struct config_entry {
	struct config_words name, command_line;
	uint32_t slot;    /* whose kernel is tried first */
	uint32_t modules; /* bit i: header->module[i] is loaded */
};

struct config {
	struct config_entry entry[CONFIG_ENTRY_MAX];
	uint32_t count;   /* at least 1 */
	uint32_t chosen;  /* by `default`: the entry for when nobody chooses */
	uint32_t timeout; /* seconds that the menu is shown; 0: only to who asks for it */
};

struct config_error {
	uint32_t line;            /* the first is 1 */
	struct config_words what; /* of the text; NULL: `why` says it all */
	const char *why;          /* lives for ever */
};

/*
 * [any] Reads a configuration for the image with this header, which was checked. What it says points into `text`. False
 * when there is a mistake, which *error names; *config then has one entry, the preferred kernel with all modules and an
 * empty command line.
 */
bool config_parse(struct config *config, const char *text, uint32_t size, const struct image_header *header,
        struct config_error *error);

#define CONFIG_SENTENCE_MAX 160u

/* [any] The mistake in words, after `head` and the line's number. Of the text no more is quoted than fits a row. */
void config_error_say(char sentence[CONFIG_SENTENCE_MAX], const char *head, const struct config_error *error);

#endif
