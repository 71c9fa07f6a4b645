/* Decides whether what was read from the disk is a Cairn image (include/format/image.h), and finds its way in it. */
#ifndef LIB_IMAGE_H
#define LIB_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "format/image.h"
#include "lib/crc32c.h"

/* [any] How many 4 KiB blocks `size` bytes take. */
uint64_t image_block_count(uint64_t size);

/* [any] How many bytes a file has, unpacked. */
uint64_t image_file_size(const struct image_file *file);

/* [any] How many 512-byte units the data of a file of `size` bytes takes: whole blocks. */
uint64_t image_data_sectors(uint64_t size);

/* [any] The same of its table. */
uint64_t image_table_sectors(uint64_t size);

/* [any] What header->crc32c should be. */
uint32_t image_header_crc(const struct crc32c_table *table, const struct image_header *header);

/*
 * [any] NULL when every field of the header can be believed, else a sentence why not, which lives for ever. What passes
 * has its parts inside the boot partition and apart from each other; its files' blocks and segments fit their files;
 * only kernels are packed, and smaller for it;
 * the preferred slot holds a kernel, whose segments share no page, are never writable and executable, and hold its
 * entry.
 */
const char *image_header_check(const struct crc32c_table *table, const struct image_header *header);

/* [any] What config->crc32c should be; config->size must be at most IMAGE_CONFIG_TEXT_MAX. */
uint32_t image_config_crc(const struct crc32c_table *table, const struct image_config *config);

/* [any] NULL when the configuration is whole, else a sentence why not. What its text says is config_parse()'s. */
const char *image_config_check(const struct crc32c_table *table, const struct image_config *config);

/* [any] How many copies of the configuration a checked header has room for: one behind the other. */
uint32_t image_config_copies(const struct image_header *header);

#endif
