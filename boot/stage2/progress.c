#include "progress.h"

#include "console.h"
#include "lib/format.h"
#include "verify.h"

#define FEW_BLOCKS  64u   /* 256 KiB: below that the bar would only flicker */
#define MANY_BLOCKS 1024u /* 4 MiB: many a BIOS takes seconds, in which who has no screen waits for a word */

#define BLOCKS_PER_MIB (0x100000u / IMAGE_BLOCK_SIZE)

#define BAR_COLUMN 24u
#define BAR_WIDTH  48u
#define BAR_DONE   0xdb /* a full block, and a light one, of code page 437 */
#define BAR_LEFT   0xb0

static struct {
	const char *name;
	uint32_t expected, done; /* blocks */
	unsigned drawn;          /* columns */
} progress;

/* How much of the bar is full: BAR_WIDTH and one more when all is done. */
static unsigned fullness(void)
{
	uint32_t done = progress.done, total = progress.expected;
	if (done >= total)
		return BAR_WIDTH + 1;
	/* Without 64-bit division: both are scaled down until the product fits. */
	for (; total > 0xffffff; total >>= 1)
		done >>= 1;
	return done * BAR_WIDTH / total;
}

static void draw(volatile uint16_t *line, unsigned filled)
{
	char words[BAR_COLUMN + 1];
	bool over = filled > BAR_WIDTH;
	format_string(words, sizeof words, "Loading %-15.15s ", progress.name);
	for (unsigned i = 0; i < BAR_COLUMN + BAR_WIDTH; i++) {
		uint8_t c = i < BAR_COLUMN ? (uint8_t)words[i] : i - BAR_COLUMN < filled ? BAR_DONE : BAR_LEFT;
		line[i] = CONSOLE_NORMAL << 8 | (over ? ' ' : c);
	}
}

static void loaded(uint32_t blocks)
{
	volatile uint16_t *line = console_line();
	progress.done += blocks;
	unsigned filled = fullness();
	/* Only when it changes: a screen's memory is the slowest there is. */
	if (line && filled != progress.drawn)
		draw(line, filled);
	progress.drawn = filled;
}

void progress_begin(const char *name, uint32_t blocks)
{
	progress.name = name;
	progress.expected = blocks;
	progress.done = 0;
	progress.drawn = BAR_WIDTH + 1;
	if (blocks >= MANY_BLOCKS)
		console_print(CONSOLE_NORMAL, "Loading %s: %u MiB\n", name, blocks / BLOCKS_PER_MIB);
	verify_watch(blocks >= FEW_BLOCKS ? loaded : NULL);
}
