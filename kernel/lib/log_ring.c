/*
 * A line in the ring is a header and its text. Both may go on at the ring's start. The ring may outlive the kernel that
 * wrote it, and that may have ended between any two instructions: so each line has a check, and whoever meets something
 * else looks for the next line from byte to byte.
 */
#include "lib/log_ring.h"

#include "lib/fnv.h"

struct header {
	uint64_t stamp;
	uint8_t level;
	uint8_t length; /* of the text */
	uint32_t check; /* of position, stamp, level and text */
} __attribute__((packed));

_Static_assert((LOG_RING_SIZE & (LOG_RING_SIZE - 1)) == 0, "positions may overflow");
_Static_assert(LOG_LINE_MAX <= UINT8_MAX, "fits into the header");

/* Of a line without any text yet. */
static uint32_t check_begin(const struct log_ring *ring, uint32_t position, uint8_t level, uint64_t stamp)
{
	uint32_t check = fnv_word(fnv_word(ring->seed, position), level);

	return fnv_word(fnv_word(check, (uint32_t)stamp), (uint32_t)(stamp >> 32));
}

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
	struct header header = {stamp, level, 0, 0};

	make_room(ring, sizeof(header));
	ring->last = ring->end;
	ring->is_open = true;
	header.check = check_begin(ring, ring->end, level, stamp);
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
	header.check = fnv_bytes(header.check, text, length);
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

uint32_t log_ring_add(struct log_ring *ring, uint8_t level, uint64_t stamp, const char *text, size_t length)
{
	const char *end = text + length, *newline;
	uint32_t changed = ring->is_open ? ring->last : ring->end; /* a line that goes on gets another check */

	for (; text != end; text = newline) {
		for (newline = text; newline != end && *newline != '\n';)
			newline++;
		add_piece(ring, level, stamp, text, (size_t)(newline - text));
		if (newline != end) {
			ring->is_open = false;
			newline++;
		}
	}
	return changed;
}

void log_ring_start(struct log_ring *ring, uint32_t seed)
{
	ring->oldest = ring->end = ring->last = 0;
	ring->seed = seed;
	ring->is_open = false;
}

/* Positions that begin again at 0 take four gigabytes of text; that is one run in very many, and this keeps a reader
 * from going round for ever. */
bool log_ring_is_sound(const struct log_ring *ring)
{
	return ring->oldest <= ring->end && ring->end - ring->oldest <= LOG_RING_SIZE;
}

/* False: there is none. */
static bool read_line(const struct log_ring *ring, uint32_t position, struct log_line *line)
{
	uint32_t left = ring->end - position;
	struct header header;

	if (left < sizeof(header))
		return false;
	header = header_at(ring, position);
	if (header.length > LOG_LINE_MAX || header.length > left - sizeof(header))
		return false;
	line->stamp = header.stamp;
	line->level = header.level;
	line->length = header.length;
	read(ring, position + (uint32_t)sizeof(header), line->text, header.length);
	line->text[header.length] = '\0';
	return header.check ==
	       fnv_bytes(check_begin(ring, position, header.level, header.stamp), line->text, header.length);
}

bool log_ring_next(const struct log_ring *ring, uint32_t *position, struct log_line *line)
{
	uint32_t at = *position;

	if (at == 0 || at - ring->oldest > ring->end - ring->oldest)
		at = ring->oldest;
	while (at != ring->end && !read_line(ring, at, line))
		at++;
	*position = at;
	if (at == ring->end)
		return false;
	*position += (uint32_t)sizeof(struct header) + line->length;
	return true;
}
