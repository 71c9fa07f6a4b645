#include "host_stage2.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "console.h"
#include "disk.h"
#include "fw_cfg.h"
#include "layout.h"
#include "verify.h"

struct host_stage2 host_stage2;

char disk_buffer[DISK_BUFFER_SIZE];

void host_stage2_reset(void)
{
	memset(&host_stage2, 0, sizeof(host_stage2));
}

void console_print(enum console_colour colour, const char *format, ...)
{
	size_t length = strlen(host_stage2.said);
	va_list args;

	(void)colour;
	va_start(args, format);
	vsnprintf(host_stage2.said + length, sizeof(host_stage2.said) - length, format, args);
	va_end(args);
}

bool disk_read(uint64_t lba, uint32_t count)
{
	(void)lba;
	(void)count;
	if (!host_stage2.disk_fails)
		memcpy(disk_buffer, host_stage2.disk, IMAGE_BLOCK_SIZE);
	return !host_stage2.disk_fails;
}

uint8_t disk_last_status(void)
{
	return 0x80;
}

const char *verify_past_end(uint64_t lba)
{
	(void)lba;
	return "";
}

bool fw_cfg_read(const char *name, char *to, uint32_t room, uint32_t *size)
{
	(void)name;
	if (!host_stage2.words)
		return false;
	*size = host_stage2.words_size;
	memcpy(to, host_stage2.words, *size < room ? *size : room);
	return true;
}

const struct crc32c_table *verify_table(void)
{
	static struct crc32c_table table;
	static bool filled;

	if (!filled)
		crc32c_table_init(&table);
	filled = true;
	return &table;
}
