/*
 * Reads from the image with every block checked, from the preferred copy and, block by block, from the other one when
 * a block cannot be read or its check fails.
 */
#ifndef STAGE2_VERIFY_H
#define STAGE2_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot_info.h"
#include "format/image.h"
#include "lib/crc32c.h"

/* One or two identical copies of something on the disk, with the CRC32C of each 4 KiB block. */
struct verify_source {
	const char *name;               /* for messages */
	uint64_t lba[IMAGE_SLOT_COUNT]; /* the preferred copy first */
	unsigned copies;
	unsigned first; /* which copy lba[0] is: 0 = A, 1 = B */
	uint32_t size;  /* bytes; the last block is checked over what is left of them */
	const uint32_t *crc32c;
};

void verify_init(void);
const struct crc32c_table *verify_table(void);

/* Reads the image header in use: the first of the two, from number `first` on, that passes. Ends the boot if neither
 * does. */
const struct image_header *verify_header(const uint32_t lba[IMAGE_SLOT_COUNT], unsigned first);

/*
 * Copies bytes [offset, offset + length) of the source to `to` (below 4 GiB). False when a block is bad in every copy;
 * verify_complaint then says which.
 */
bool verify_load(const struct verify_source *source, uint32_t offset, uint32_t length, char *to);

/* Stage 2, of which `copy` is the preferred one. Inline: the head has no room for the call. */
static inline struct verify_source verify_stage2(const struct image_header *header, unsigned copy)
{
	const struct image_stage2 *stage2 = &header->stage2;
	return (struct verify_source){
	        .name = "Stage 2",
	        .lba = {stage2->lba[copy], stage2->lba[!copy]},
	        .copies = IMAGE_SLOT_COUNT,
	        .first = copy,
	        .size = stage2->size,
	        .crc32c = stage2->crc32c,
	};
}

/* Why something was not loaded. Who checks something else by verify_checksum() says it here, too, and counts it. */
extern char verify_complaint[128];
uint32_t verify_checksum(const void *data, uint32_t length);
void verify_count_damage(void);

/* Words for behind the status of a read that failed, if the disk ends before `lba`; else "". */
const char *verify_past_end(uint64_t lba);

/* From here on verify_load() tells `watch` how many blocks are done each time. */
void verify_watch(void (*watch)(uint32_t blocks));

/* From here on `time_check` is called before and after each computation of a check. */
void verify_time_checks(void (*time_check)(bool is_over));

void verify_describe(struct boot_notes *notes, uint64_t *header_lba);

#endif
