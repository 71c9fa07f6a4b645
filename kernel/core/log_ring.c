/*
 * A line in the ring is a header and its text. Both may go on at the ring's start.
 */
#include "core/log_ring.h"

#include "lib/string.h"

struct header {
	uint64_t stamp;
	uint8_t level;
	uint8_t length; /* of the text */
} __attribute__((packed));

_Static_assert((LOG_RING_SIZE & (LOG_RING_SIZE - 1)) == 0, "positions may overflow");
_Static_assert(LOG_LINE_MAX <= UINT8_MAX, "fits into the header");

static void read(const struct log_ring *ring, uint32_t position, void *to, size_t length)
{
	for (uint8_t *byte = to; length > 0; length--)
		*byte++ = ring->bytes[position++ % LOG_RING_SIZE];
}

static void write(struct log_ring *ring, uint32_t position, const void *from, size_t length)
{
	for (const uint8_t *byte = from; length > 0; length--)
		ring->bytes[position++ % LOG_RING_SIZE] = *byte++;
}

static struct header header_at(const struct log_ring *ring, uint32_t position)
{
	struct header header;

	read(ring, position, &header, sizeof(header));
	return header;
}

/* The last line itself never goes: it is far shorter than the ring. */
static void make_room(struct log_ring *ring, size_t length)
{
	while (ring->end - ring->oldest + length > LOG_RING_SIZE)
		ring->oldest += (uint32_t)sizeof(struct header) + header_at(ring, ring->oldest).length;
}

static void open_line(struct log_ring *ring, uint8_t level, uint64_t stamp)
{
	struct header header = {stamp, level, 0};

	make_room(ring, sizeof(header));
	ring->last = ring->end;
	ring->is_open = true;
	write(ring, ring->end, &header, sizeof(header));
	ring->end += (uint32_t)sizeof(header);
}

static void append(struct log_ring *ring, const char *text, size_t length)
{
	struct header header;

	make_room(ring, length);
	write(ring, ring->end, text, length);
	ring->end += (uint32_t)length;
	header = header_at(ring, ring->last);
	header.length = (uint8_t)(header.length + length);
	write(ring, ring->last, &header, sizeof(header));
}

/* A piece of one line. */
static void add_piece(struct log_ring *ring, uint8_t level, uint64_t stamp, const char *text, size_t length)
{
	while (length > 0) {
		size_t room, part;

		if (!ring->is_open)
			open_line(ring, level, stamp);
		room = LOG_LINE_MAX - header_at(ring, ring->last).length;
		part = length < room ? length : room;
		append(ring, text, part);
		text += part;
		length -= part;
		if (part == room)
			ring->is_open = false;
	}
}

void log_ring_add(struct log_ring *ring, uint8_t level, uint64_t stamp, const char *text, size_t length)
{
	const char *end = text + length, *newline;

	for (; text != end; text = newline) {
		for (newline = text; newline != end && *newline != '\n';)
			newline++;
		add_piece(ring, level, stamp, text, (size_t)(newline - text));
		if (newline != end) {
			ring->is_open = false;
			newline++;
		}
	}
}

bool log_ring_next(const struct log_ring *ring, uint32_t *position, struct log_line *line)
{
	struct header header;

	if (*position == 0 || *position - ring->oldest > ring->end - ring->oldest)
		*position = ring->oldest;
	if (*position == ring->end)
		return false;
	header = header_at(ring, *position);
	line->stamp = header.stamp;
	line->level = header.level;
	line->length = header.length;
	read(ring, *position + (uint32_t)sizeof(header), line->text, header.length);
	line->text[header.length] = '\0';
	*position += (uint32_t)sizeof(header) + header.length;
	return true;
}
