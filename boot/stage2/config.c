#include "config.h"

#include "console.h"
#include "disk.h"
#include "fw_cfg.h"
#include "layout.h"
#include "lib/format.h"
#include "lib/image.h"
#include "lib/string.h"
#include "verify.h"

static char command_line[IMAGE_CONFIG_TEXT_MAX + 1];

/* What a check let pass has no more than IMAGE_CONFIG_TEXT_MAX bytes. */
static void take(const char *value, size_t length)
{
	memcpy(command_line, value, length);
	command_line[length] = '\0';
}

static const char *read_config(const struct image_header *header)
{
	static char unreadable[64];
	if (!disk_read(header->config_lba, IMAGE_BLOCK_SECTORS)) {
		format_string(unreadable, sizeof unreadable, "cannot be read (INT 13h status %02x%s)",
		        disk_last_status(), verify_past_end(header->config_lba));
		return unreadable;
	}
	const struct image_config *config = (const struct image_config *)disk_buffer;
	const char *why = image_config_check(verify_table(), config);
	if (why)
		return why;
	size_t length;
	const char *value = image_config_find(config, "cmdline", &length);
	if (value)
		take(value, length);
	return NULL;
}

/* What a person typed for QEMU: as long as fits, and nothing that a terminal would obey. */
static bool read_fw_cfg(void)
{
	uint32_t size, room = sizeof command_line - 1;
	if (!fw_cfg_read("opt/org.cairn/cmdline", command_line, room, &size))
		return false;
	if (size > room)
		console_print(CONSOLE_NOTE, "The command line has %u characters; the first %u are used\n", size, room);
	uint32_t length = size < room ? size : room;
	command_line[length] = '\0';
	for (uint32_t i = 0; i < length; i++)
		if ((uint8_t)command_line[i] < ' ' || command_line[i] == 127)
			command_line[i] = '?';
	return true;
}

const char *config_command_line(const struct image_header *header)
{
	if (read_fw_cfg())
		return command_line;
	command_line[0] = '\0';
	const char *why = read_config(header);
	if (why)
		console_print(CONSOLE_NOTE, "Configuration at LBA %u: %s; the command line is empty\n",
		        (uint32_t)header->config_lba, why);
	return command_line;
}
