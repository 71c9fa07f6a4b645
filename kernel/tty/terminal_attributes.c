/*
 * SGR, ECMA-48 8.3.117: what text written from now on looks like.
 */
#include "dev/palette.h"
#include "tty/terminal_sequences.h"

static void set_foreground(struct terminal *terminal, uint8_t colour)
{
	terminal->pen.foreground = colour;
	terminal->pen.usual_foreground = false;
}

static void set_plain(struct terminal *terminal)
{
	terminal->pen = (struct terminal_pen){COLOUR_FOREGROUND, COLOUR_BACKGROUND, 0, true};
}

static void set_attribute(struct terminal *terminal, uint8_t attribute, bool on)
{
	if (on)
		terminal->pen.attributes |= attribute;
	else
		terminal->pen.attributes &= (uint8_t)~attribute;
}

/* How many parameters with a colon follow the one at `index`. */
static unsigned int subs_after(const struct terminal *terminal, unsigned int index)
{
	unsigned int count = 0;

	while (index + count + 1 <= terminal->parameter && terminal->is_sub[index + count + 1])
		count++;
	return count;
}

static unsigned int level(const struct terminal *terminal, unsigned int index)
{
	unsigned int value = terminal_parameter(terminal, index, 0);

	return value < 255 ? value : 255;
}

/*
 * The colour after 38 or 48, which stand at `index`: 5;N or 2;R;G;B, with semicolons or colons; with colons a colour
 * space may stand before R (ISO 8613-6, 13.1.8). Returns how many parameters it takes, and no colour if they are wrong.
 */
static unsigned int take_colour(const struct terminal *terminal, unsigned int index, int *colour)
{
	unsigned int subs = subs_after(terminal, index);
	unsigned int kind = terminal_parameter(terminal, index + 1, 0);
	unsigned int first = index + (subs >= 5 ? 3 : 2);
	unsigned int takes = kind == 2 ? 4 : kind == 5 ? 2 : 1;

	*colour = -1;
	if (kind == 5 && index + 2 <= terminal->parameter)
		*colour = (int)level(terminal, index + 2);
	else if (kind == 2 && first + 2 <= terminal->parameter)
		*colour = palette_nearest(
		        level(terminal, first) << 16 | level(terminal, first + 1) << 8 | level(terminal, first + 2));
	return subs > 0 ? subs : takes;
}

static void set_attribute_by_number(struct terminal *terminal, unsigned int number, unsigned int style)
{
	switch (number) {
	case 0:
		set_plain(terminal);
		break;
	case 1:
		set_attribute(terminal, CELL_BOLD, true);
		break;
	case 4:
		set_attribute(terminal, CELL_UNDERLINE, style != 0);
		break;
	case 7:
		set_attribute(terminal, CELL_INVERSE, true);
		break;
	case 21: /* a double line */
		set_attribute(terminal, CELL_UNDERLINE, true);
		break;
	case 22:
		set_attribute(terminal, CELL_BOLD, false);
		break;
	case 24:
		set_attribute(terminal, CELL_UNDERLINE, false);
		break;
	case 27:
		set_attribute(terminal, CELL_INVERSE, false);
		break;
	case 39:
		terminal->pen.usual_foreground = true;
		break;
	case 49:
		terminal->pen.background = COLOUR_BACKGROUND;
		break;
	default:
		if (number >= 30 && number <= 37)
			set_foreground(terminal, (uint8_t)(number - 30));
		else if (number >= 40 && number <= 47)
			terminal->pen.background = (uint8_t)(number - 40);
		else if (number >= 90 && number <= 97)
			set_foreground(terminal, (uint8_t)(number - 90 + 8));
		else if (number >= 100 && number <= 107)
			terminal->pen.background = (uint8_t)(number - 100 + 8);
	}
}

void terminal_select_graphics(struct terminal *terminal)
{
	for (unsigned int i = 0; i <= terminal->parameter; i++) {
		unsigned int number = terminal_parameter(terminal, i, 0);
		unsigned int subs = subs_after(terminal, i);
		int colour;

		if (number == 38 || number == 48) {
			i += take_colour(terminal, i, &colour);
			if (colour >= 0 && number == 38)
				set_foreground(terminal, (uint8_t)colour);
			else if (colour >= 0)
				terminal->pen.background = (uint8_t)colour;
			continue;
		}
		set_attribute_by_number(terminal, number, subs > 0 ? terminal_parameter(terminal, i + 1, 1) : 1);
		i += subs;
	}
}
