/*
 * With the word `verify=full`: the SHA-256 of each component, printed as sha256sum does it for the file, and compared
 * with what mkimage had. Without the word nothing of this is done.
 */
#ifndef STAGE2_FULL_CHECK_H
#define STAGE2_FULL_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "format/image.h"
#include "verify.h"

/* Looks for the word. */
void full_check_init(const char *command_line);

/* Stage 2's file on the disk, copy `copy` first. Ends the boot if it is not the file that mkimage had. */
void full_check_stage2(const struct image_header *header, unsigned copy);

/* A file, read for this purpose from its first byte to its last. False if it is another; see verify_complaint. */
bool full_check_source(const struct verify_source *source, const uint8_t sha256[32]);

/* The same of a file that lies in memory. */
bool full_check_memory(const char *name, const void *data, uint32_t size, const uint8_t sha256[32]);

#endif
