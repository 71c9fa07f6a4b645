/* Input of a fuzz target taken as changes to something good: offset, then 8 bytes to put there, again and again. */
#ifndef FUZZ_CHANGE_H
#define FUZZ_CHANGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct change {
	uint16_t offset;
	uint8_t bytes[8];
} __attribute__((packed));

/* `length` is that of what is changed, at least 8; offsets wrap. */
static inline void change_bytes(void *changed, size_t length, const uint8_t *data, size_t size)
{
	for (struct change change; size >= sizeof(change); data += sizeof(change), size -= sizeof(change)) {
		memcpy(&change, data, sizeof(change));
		memcpy((uint8_t *)changed + change.offset % (length - 7), change.bytes, 8);
	}
}

#endif
