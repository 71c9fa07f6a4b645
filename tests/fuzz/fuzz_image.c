/*
 * Any bytes as an image header or a configuration: the checks touch nothing outside, and what they accept holds what
 * image.h promises. Check values are made right by hand in most runs, or nothing would ever get past them.
 *
 * Input: a byte that says how to read the rest: as a header, as changes to a good one (offset, then 8 bytes), or as the
 * text of a configuration.
 */
#include <stdlib.h>
#include <string.h>

#include "sample_image.h"

enum { AS_CONFIG = 1, AS_CHANGES = 2, UNSEALED = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct crc32c_table table;

struct change {
	uint16_t offset;
	uint8_t bytes[8];
} __attribute__((packed));

static void change_header(struct image_header *header, const uint8_t *data, size_t size)
{
	for (struct change change; size >= sizeof(change); data += sizeof(change), size -= sizeof(change)) {
		memcpy(&change, data, sizeof(change));
		memcpy((uint8_t *)header + change.offset % (sizeof(*header) - 7), change.bytes, 8);
	}
}

static void try_header(const uint8_t *data, size_t size, uint8_t how)
{
	struct image_header header;

	if (how & AS_CHANGES) {
		sample_image_fill(&header, &table);
		change_header(&header, data, size);
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
