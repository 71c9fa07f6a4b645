#include "config.h"

#include "console.h"
#include "disk.h"
#include "fw_cfg.h"
#include "layout.h"
#include "lib/format.h"
#include "lib/image.h"
#include "lib/string.h"
#include "verify.h"

char config_complaint[CONFIG_SENTENCE_MAX];

/* NULL, or why there is no whole copy at that place. */
static const char *read_copy(uint32_t lba)
{
	static char unreadable[64];
	if (disk_read(lba, IMAGE_BLOCK_SECTORS))
		return image_config_check(verify_table(), (const struct image_config *)disk_buffer);
	format_string(unreadable, sizeof unreadable, "cannot be read (INT 13h status %02x%s)", disk_last_status(),
	        verify_past_end(lba));
	return unreadable;
}

/* The first copy that is whole. */
static const struct image_config *read_whole(const struct image_header *header)
{
	for (uint32_t copy = 0; copy < image_config_copies(header); copy++) {
		uint32_t lba = header->config_lba + copy * IMAGE_BLOCK_SECTORS;
		const char *why = read_copy(lba);
		if (why) {
			console_print(CONSOLE_NOTE, "Configuration copy %c at LBA %u: %s\n", 'A' + copy, lba, why);
			continue;
		}
		if (copy > 0)
			console_print(CONSOLE_NOTE, "Configuration: taken from copy %c\n", 'A' + copy);
		return (const struct image_config *)disk_buffer;
	}
	return NULL;
}

const struct image_config *config_read(const struct image_header *header, struct config *config)
{
	struct config_error error;
	const struct image_config *block = read_whole(header);
	if (!block)
		format_string(config_complaint, sizeof config_complaint, "There is no whole configuration");
	if (!config_parse(config, block ? block->text : "", block ? block->size : 0, header, &error))
		config_error_say(config_complaint, "Configuration, line ", &error);
	if (*config_complaint) {
		console_print(CONSOLE_NOTE, "%s\n", config_complaint);
		console_print(CONSOLE_NOTE, "The preferred kernel is started, with an empty command line\n");
	}
	return block;
}

/* What a person typed for QEMU: as long as fits, and of characters that a configuration may have, too. */
static void read_fw_cfg(char line[IMAGE_CONFIG_TEXT_MAX + 1])
{
	uint32_t size, room = IMAGE_CONFIG_TEXT_MAX;
	if (!fw_cfg_read("opt/org.cairn/cmdline", line, room, &size))
		return;
	if (size > room)
		console_print(CONSOLE_NOTE, "The command line has %u characters; the first %u are used\n", size, room);
	uint32_t length = size < room ? size : room;
	line[length] = '\0';
	for (uint32_t i = 0; i < length; i++)
		if (line[i] < ' ' || line[i] > '~')
			line[i] = '?';
}

void config_take(struct start *start, const struct config_entry *entry)
{
	start->slot = entry->slot;
	start->modules = entry->modules;
	memcpy(start->command_line, entry->command_line.text, entry->command_line.length);
	start->command_line[entry->command_line.length] = '\0';
}

struct start *config_start(const struct config *config)
{
	static struct start start;
	config_take(&start, &config->entry[config->chosen]);
	read_fw_cfg(start.command_line);
	return &start;
}
