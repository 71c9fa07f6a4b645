/*
 * Any bytes as an image header: the checks touch nothing outside, and what they accept holds what image.h promises.
 * Check values are made right by hand in most runs, or nothing would ever get past them.
 *
 * Input: a byte that says how to read the rest: as a header, as bytes to replace in a good one (offset, then
 * 8 bytes), or as numbers to add to its fields (offset, then a byte).
 */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "sample_image.h"

enum { AS_BYTES = 2, AS_STEPS = 4, UNSEALED = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct crc32c_table table;

struct step {
	uint16_t offset;
	int8_t by;
} __attribute__((packed));

/* Small steps from what is right lead to the places where a check is one off. */
static void add_to_fields(struct image_header *header, const uint8_t *data, size_t size)
{
	for (struct step step; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
		uint32_t value;
		uint8_t *field;

		memcpy(&step, data, sizeof(step));
		field = (uint8_t *)header + step.offset % (offsetof(struct image_header, reserved) / 4) * 4;
		memcpy(&value, field, 4);
		value += (uint32_t)step.by;
		memcpy(field, &value, 4);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct image_header good;
	struct image_header header;

	if (size == 0)
		return 0;
	if (!good.magic) { /* made once: it is most of the work */
		crc32c_table_init(&table);
		sample_image_fill(&good, &table);
	}
	header = good;
	if (data[0] & AS_BYTES) {
		change_bytes(&header, sizeof(header), data + 1, size - 1);
	} else if (data[0] & AS_STEPS) {
		add_to_fields(&header, data + 1, size - 1);
	} else {
		memset(&header, 0, sizeof(header));
		memcpy(&header, data + 1, size - 1 < sizeof(header) ? size - 1 : sizeof(header));
	}
	if (!(data[0] & UNSEALED))
		sample_image_seal(&header, &table);
	if (!image_header_check(&table, &header) && sample_image_judge(&header))
		abort();
	return 0;
}
