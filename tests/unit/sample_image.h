/* Image headers that are right, plain or random, to be bent by tests; and an independent judge of those that pass. */
#ifndef UNIT_SAMPLE_IMAGE_H
#define UNIT_SAMPLE_IMAGE_H

#include "dice.h"
#include "lib/image.h"

/* Two kernels of three segments, relocatable; two modules. */
void sample_image_fill(struct image_header *header, const struct crc32c_table *table);

/* Anything that image_header_check() must accept. */
void sample_image_roll(struct image_header *header, const struct crc32c_table *table, struct dice *dice);

/* Makes the header's own check value right, after a change. */
void sample_image_seal(struct image_header *header, const struct crc32c_table *table);

/* NULL, or what image_header_check() should not have let pass. Its check value is not looked at. */
const char *sample_image_judge(const struct image_header *header);

#endif
