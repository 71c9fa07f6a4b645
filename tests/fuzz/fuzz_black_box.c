/*
 * Two runs of a kernel in a black box, then any bytes over them, or nothing but any bytes: what is read ends, and lies
 * in the box.
 */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "lib/black_box.h"

#define SIZE 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(struct black_box_run *run)
{
	static const char text[] = "a line\nand another one\n";

	black_box_set_command(run, "fault null", 10);
	for (unsigned int i = 0; i < 20; i++)
		log_ring_add(&run->ring, 1, i, text, strlen(text));
	black_box_add_report(run, text, strlen(text));
	black_box_set_state(run, BLACK_BOX_FAULT);
}

static void read_text(const uint8_t *box, const char *text, size_t length)
{
	const char *end = text + length;
	char line[BLACK_BOX_LINE_MAX + 1];

	if ((const uint8_t *)text < box || (const uint8_t *)end > box + SIZE)
		abort();
	while (black_box_next_line(&text, end, line)) {
		if (strlen(line) > BLACK_BOX_LINE_MAX)
			abort();
	}
}

static void read_all(const uint8_t *box, const struct black_box_run *run)
{
	const struct log_ring *ring = black_box_log(run);
	uint32_t position = 0, lines = 0;
	struct log_line line;
	const char *text;
	size_t length;

	if (strlen(black_box_ending(black_box_state(run))) == 0)
		abort();
	text = black_box_command(run, &length);
	read_text(box, text, length);
	text = black_box_task(run, &length);
	read_text(box, text, length);
	text = black_box_report(run, &length);
	read_text(box, text, length);
	while (ring != NULL && log_ring_next(ring, &position, &line)) {
		if (line.length != strlen(line.text) && memchr(line.text, 0, line.length) == NULL)
			abort();
		if (++lines > LOG_RING_SIZE)
			abort();
	}
}

/* The first byte tells where changes go: to the first bytes of each half, where heads are, or to all of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *box = aligned_alloc(64, SIZE);
	uint8_t how = size > 0 ? *data : 0;
	const struct black_box_run *run;

	memset(box, how, SIZE);
	if (how % 4 != 0) {
		fill(black_box_begin(box, SIZE, 1));
		fill(black_box_begin(box, SIZE, 1));
	}
	if (size > 0)
		change_bytes(box + (how & 4 ? SIZE / 2 : 0), how & 8 ? 512 : SIZE / 2, data + 1, size - 1);
	run = black_box_latest(box, SIZE);
	if (run != NULL)
		read_all(box, run);
	for (unsigned int half = 0; half < 2; half++) /* as if its head were whole */
		read_all(box, (const void *)(box + half * SIZE / 2));
	fill(black_box_begin(box, SIZE, 1));
	free(box);
	return 0;
}
