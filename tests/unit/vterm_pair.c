/*
 * What differs by choice, and is not compared:
 *  - libvterm gives what is erased all attributes of the pen; here, as in xterm and in Linux, only its background. So
 * of a cell that libvterm calls erased, the character and the background count.
 *  - The right half of a wide character has colours here; libvterm leaves there what was before.
 *  - A wide character in the last two columns: libvterm leaves the cursor on its first column, here and in xterm it is
 * on the last. pair_write() sends ESC[G then.
 *  - Line drawing's "less or equal" is U+2264 here as in xterm, U+2A7D there; and the other way round.
 *  - There is one character to a cell here: of several the first counts. Blinking, italics and the like are not there.
 */
#include "vterm_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev/palette.h"

#define ITS_ERASED     0
#define ITS_RIGHT_HALF ((uint32_t)-1)

static void take_reply(struct replies *replies, const char *text, size_t length)
{
	for (size_t i = 0; i < length && replies->length < PAIR_REPLIES_MAX; i++)
		replies->text[replies->length++] = text[i];
}

static void our_reply(void *context, const char *text, size_t length)
{
	take_reply(context, text, length);
}

static void its_reply(const char *text, size_t length, void *context)
{
	take_reply(context, text, length);
}

void pair_start(struct pair *pair, unsigned int columns, unsigned int rows)
{
	unsigned int lines = rows + 3; /* a ring that goes round soon */

	memset(pair, 0, sizeof(*pair));
	pair->cells = malloc(lines * columns * sizeof(struct cell));
	pair->alternate = malloc(rows * columns * sizeof(struct cell));
	terminal_start(&pair->ours, columns, rows, pair->cells, lines, false);
	terminal_set_alternate(&pair->ours, pair->alternate);
	terminal_set_reply(&pair->ours, our_reply, &pair->our_replies);
	pair->vterm = vterm_new((int)rows, (int)columns);
	vterm_set_utf8(pair->vterm, 1);
	vterm_output_set_callback(pair->vterm, its_reply, &pair->its_replies);
	pair->screen = vterm_obtain_screen(pair->vterm);
	vterm_screen_enable_altscreen(pair->screen, 1);
	vterm_screen_reset(pair->screen, 1);
}

void pair_end(struct pair *pair)
{
	vterm_free(pair->vterm);
	free(pair->cells);
	free(pair->alternate);
	free(pair->said);
}

static void remember(struct pair *pair, const char *text, size_t length)
{
	if (pair->said_length + length > pair->said_size) {
		pair->said_size = 2 * (pair->said_length + length);
		pair->said = realloc(pair->said, pair->said_size);
	}
	memcpy(pair->said + pair->said_length, text, length);
	pair->said_length += length;
}

static void give(struct pair *pair, struct dice *dice, const char *text, size_t length)
{
	remember(pair, text, length);
	vterm_input_write(pair->vterm, text, length);
	while (length > 0) {
		size_t part = dice ? 1 + dice_below(dice, length) : length;

		terminal_write(&pair->ours, text, part);
		text += part;
		length -= part;
	}
}

void pair_write(struct pair *pair, struct dice *dice, const char *text, size_t length)
{
	const struct terminal *ours = &pair->ours;

	give(pair, dice, text, length);
	if (ours->wraps && terminal_view_row(ours, ours->row)[ours->columns - 1].character == 0)
		give(pair, NULL, "\033[G", 3);
}

static uint32_t square(uint32_t a, uint32_t b)
{
	return (a - b) * (a - b);
}

static uint32_t distance(uint32_t rgb, const VTermColor *colour)
{
	return square(rgb >> 16 & 0xff, colour->rgb.red) + square(rgb >> 8 & 0xff, colour->rgb.green) +
	       square(rgb & 0xff, colour->rgb.blue);
}

/* Is `index` as near to the colour as any of the cube and the greys? */
static bool is_nearest(uint8_t index, const VTermColor *colour)
{
	for (unsigned int i = PALETTE_BASE; i < PALETTE_COLOURS; i++) {
		if (distance(palette_rgb((uint8_t)i), colour) < distance(palette_rgb(index), colour))
			return false;
	}
	return index >= PALETTE_BASE;
}

static bool same_colour(uint8_t ours, const VTermColor *its)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(its))
		return ours == COLOUR_FOREGROUND;
	if (VTERM_COLOR_IS_DEFAULT_BG(its))
		return ours == COLOUR_BACKGROUND;
	if (VTERM_COLOR_IS_INDEXED(its))
		return ours == its->indexed.idx;
	return is_nearest(ours, its);
}

static bool same_character(uint32_t ours, uint32_t its)
{
	return ours == its || (ours == 0x2264 && its == 0x2a7d) || (ours == 0x2265 && its == 0x2a7e);
}

static bool same_cell(const struct cell *ours, const VTermScreenCell *its)
{
	if (its->chars[0] == ITS_ERASED)
		return ours->character == ' ' && same_colour(ours->background, &its->bg) && ours->attributes == 0;
	if (its->chars[0] == ITS_RIGHT_HALF)
		return ours->character == 0;
	return same_character(ours->character, its->chars[0]) && same_colour(ours->foreground, &its->fg) &&
	       same_colour(ours->background, &its->bg) && !!(ours->attributes & CELL_BOLD) == its->attrs.bold &&
	       !!(ours->attributes & CELL_UNDERLINE) == (its->attrs.underline != 0) &&
	       !!(ours->attributes & CELL_INVERSE) == its->attrs.reverse;
}

static void print_said(const struct pair *pair)
{
	fprintf(stderr, "# said to %u x %u: \"", pair->ours.columns, pair->ours.rows);
	for (size_t i = 0; i < pair->said_length; i++) {
		unsigned char c = (unsigned char)pair->said[i];

		if (c < ' ' || c >= 0x7f || c == '"' || c == '\\')
			fprintf(stderr, "\\%03o", c);
		else
			fputc(c, stderr);
	}
	fprintf(stderr, "\"\n");
}

static bool has_same_cells(const struct pair *pair)
{
	for (unsigned int row = 0; row < pair->ours.rows; row++) {
		const struct cell *cells = terminal_view_row(&pair->ours, row);

		for (unsigned int column = 0; column < pair->ours.columns; column++) {
			VTermScreenCell its;

			vterm_screen_get_cell(pair->screen, (VTermPos){(int)row, (int)column}, &its);
			if (same_cell(&cells[column], &its))
				continue;
			fprintf(stderr,
			        "# row %u, column %u: ours U+%04X %u on %u, attributes %u; libvterm's U+%04X %u on %u "
			        "(types %x, %x), bold %u, underline %u, reverse %u\n",
			        row, column, cells[column].character, cells[column].foreground,
			        cells[column].background, cells[column].attributes, its.chars[0], its.fg.indexed.idx,
			        its.bg.indexed.idx, its.fg.type, its.bg.type, its.attrs.bold, its.attrs.underline,
			        its.attrs.reverse);
			return false;
		}
	}
	return true;
}

static bool has_same_cursor(const struct pair *pair)
{
	VTermPos its;

	vterm_state_get_cursorpos(vterm_obtain_state(pair->vterm), &its);
	if (pair->ours.column == (unsigned int)its.col && pair->ours.row == (unsigned int)its.row)
		return true;
	fprintf(stderr, "# the cursor: ours is in row %u, column %u, libvterm's in row %d, column %d\n", pair->ours.row,
	        pair->ours.column, its.row, its.col);
	return false;
}

static bool has_same_replies(const struct pair *pair)
{
	const struct replies *ours = &pair->our_replies, *its = &pair->its_replies;

	if (ours->length == its->length && memcmp(ours->text, its->text, ours->length) == 0)
		return true;
	fprintf(stderr, "# replies: ours are \"%.*s\", libvterm's \"%.*s\"\n", (int)ours->length, ours->text,
	        (int)its->length, its->text);
	return false;
}

bool pair_is_equal(const struct pair *pair)
{
	bool equal = has_same_cursor(pair) && has_same_replies(pair) && has_same_cells(pair);

	if (!equal)
		print_said(pair);
	return equal;
}
