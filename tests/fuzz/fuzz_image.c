/*
 * Any bytes as an image header or a configuration: the checks touch nothing outside, and what they accept holds what
 * image.h promises. Check values are made right by hand in most runs, or nothing would ever get past them.
 *
 * Input: a byte that says how to read the rest: as a header, as bytes to replace in a good one (offset, then
 * 8 bytes), as numbers to add to its fields (offset, then a byte), or as the text of a configuration.
 */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "sample_image.h"

enum { AS_CONFIG = 1, AS_BYTES = 2, AS_STEPS = 4, UNSEALED = 8 };

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

static void try_header(const uint8_t *data, size_t size, uint8_t how)
{
	struct image_header header;

	sample_image_fill(&header, &table);
	if (how & AS_BYTES) {
		change_bytes(&header, sizeof(struct image_header), data, size);
	} else if (how & AS_STEPS) {
		add_to_fields(&header, data, size);
	} else {
		memset(&header, 0, sizeof(header));
		memcpy(&header, data, size < sizeof(header) ? size : sizeof(header));
	}
	if (!(how & UNSEALED))
		sample_image_seal(&header, &table);
	if (!image_header_check(&table, &header) && sample_image_judge(&header))
		abort();
}

static void try_config(const uint8_t *data, size_t size, uint8_t how)
{
	struct image_config config = {.magic = IMAGE_CONFIG_MAGIC};
	const char *value;
	size_t length = 0;

	if (size > sizeof(config.text))
		size = sizeof(config.text);
	config.size = (uint32_t)size;
	memcpy(config.text, data, size);
	if (!(how & UNSEALED))
		config.crc32c = image_config_crc(&table, &config);
	if (image_config_check(&table, &config))
		return;
	value = image_config_find(&config, "a", &length);
	if (value && (value < config.text + 2 || value[-2] != 'a' || value[-1] != '=' || value[length] != '\n' ||
	                     value + length >= config.text + size || memchr(value, '\n', length)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (!table.entry[0][1])
		crc32c_table_init(&table);
	if (data[0] & AS_CONFIG)
		try_config(data + 1, size - 1, data[0]);
	else
		try_header(data + 1, size - 1, data[0]);
	return 0;
}
