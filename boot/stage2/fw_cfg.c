#include "fw_cfg.h"

#include "bios.h"
#include "lib/string.h"

#define SELECTOR_PORT 0x510
#define DATA_PORT     0x511

#define KEY_SIGNATURE 0x0000
#define KEY_DIRECTORY 0x0019

/* An entry of the directory; size and key are big-endian. */
struct entry {
	uint32_t size;
	uint16_t key, reserved;
	char name[56];
};

static void select_item(uint16_t key)
{
	port_write16(SELECTOR_PORT, key);
}

static void read_bytes(void *to, uint32_t count)
{
	__asm__ volatile("rep insb" : "+D"(to), "+c"(count) : "d"(DATA_PORT) : "memory");
}

static bool is_qemu(void)
{
	char signature[4];
	select_item(KEY_SIGNATURE);
	read_bytes(signature, sizeof signature);
	return memcmp(signature, "QEMU", 4) == 0;
}

static bool find_item(const char *name, struct entry *entry)
{
	uint32_t count;
	select_item(KEY_DIRECTORY);
	read_bytes(&count, sizeof count);
	for (count = __builtin_bswap32(count); count; count--) {
		read_bytes(entry, sizeof *entry);
		if (strncmp(entry->name, name, sizeof entry->name) == 0)
			return true;
	}
	return false;
}

bool fw_cfg_read(const char *name, char *to, uint32_t room, uint32_t *size)
{
	struct entry entry;
	if (!is_qemu() || !find_item(name, &entry))
		return false;
	*size = __builtin_bswap32(entry.size);
	select_item((uint16_t)(entry.key << 8 | entry.key >> 8));
	read_bytes(to, *size < room ? *size : room);
	return true;
}
