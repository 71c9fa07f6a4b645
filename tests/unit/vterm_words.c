/*
 * What is left out, because libvterm 0.1.4 is wrong there or means something else:
 *  - A line feed (LF, VT, FF, IND, RI) that scrolls while a wrap is pending: libvterm keeps it pending, and would wrap
 *    in the new line once more. Ending autowrap (?7l) and ESC 8 while one is pending: the same.
 *  - ESC 8 in origin mode: libvterm moves the cursor back into the region only at the next sequence, whatever that is.
 *  - What ESC 8 does before any ESC 7: libvterm's saved pen is black on black. And it saves no character set.
 *  - The place that ESC[6n reports in origin mode: libvterm counts from the screen's top, a VT100 from the region's.
 *  - Wide characters in insert mode (libvterm makes room for one column) and without autowrap (it wraps).
 *  - CSI ! p: libvterm takes the mark for another kind and ignores it. CSI s, u, b, ? J, ? K, ' } and ' ~, DECSET 5,
 *    47, 69, DECRQM, CSI > c, ESC #, G2 and G3, 8-bit replies: one of both does not know them.
 *  - RIS on the alternate screen, which libvterm does not leave; and what ESC 8 does after RIS.
 *  - CSI r with an explicit 0 for the bottom, and more than 15 parameters, which libvterm writes past the end of.
 *  - Several modes in one CSI h or l: libvterm takes the first. Colons where SGR has none: it takes them for numbers.
 *  - SOS, PM and APC, which libvterm prints; controls in the middle of OSC and DCS, which it obeys; ESC and another
 *    letter than \ there.
 *  - UTF-8 that is cut by a control, overlong forms and bytes that never occur: libvterm takes five and six bytes for a
 *    character. (test_utf8.c has them.)
 *  - Text after a character that is no ASCII, with line drawing on: libvterm forgets line drawing up to the next
 * control.
 */
#include "vterm_words.h"

#include <stdio.h>
#include <string.h>

static bool draws_lines(const struct terminal *ours)
{
	return ours->draws_lines[ours->set & 1];
}

static bool has_set(const struct terminal *ours)
{
	return ours->draws_lines[0] || ours->draws_lines[1] || ours->set != 0;
}

static size_t put_character(char *text, uint32_t character)
{
	return utf8_write(text, character);
}

static uint32_t random_in(struct dice *dice, uint32_t first, uint32_t last)
{
	return first + (uint32_t)dice_below(dice, last - first + 1);
}

static size_t ascii(struct dice *dice, char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text[i] = (char)random_in(dice, ' ', '~');
	return length;
}

static size_t characters(struct dice *dice, const struct terminal *ours, char *text)
{
	static const uint32_t blocks[][2] = {{0xa0, 0xff}, {0x100, 0x17f}, {0x391, 0x3a9}, {0x410, 0x44f},
	        {0x2500, 0x259f}, {0x2190, 0x2195}, {0x1f0a0, 0x1f0ae}, {0x10ffff, 0x10ffff}, {0xfffd, 0xfffd}};
	static const uint32_t wide[][2] = {{0x4e00, 0x9fcc}, {0xac00, 0xd7a3}, {0x3041, 0x3096}, {0xff01, 0xff5e}};
	size_t length = 0;

	for (unsigned int i = (unsigned int)dice_below(dice, 12); i > 0; i--) {
		const uint32_t *block = blocks[dice_below(dice, sizeof(blocks) / sizeof(blocks[0]))];

		if (dice_below(dice, 3) == 0 && !ours->insert && ours->autowrap)
			block = wide[dice_below(dice, sizeof(wide) / sizeof(wide[0]))];
		length += put_character(text + length, random_in(dice, block[0], block[1]));
		while (dice_below(dice, 4) == 0)
			length += put_character(text + length, random_in(dice, 0x300, 0x36f));
	}
	return length;
}

/* Characters that break off, and bytes in the middle of none. */
static size_t broken(struct dice *dice, char *text)
{
	static const char *const samples[] = {
	        "\xc3z", "\xe2\x94z", "\xf0\x9f\x98z", "\x80\x81z", "\xe2\xe2\x94\x80z", "\xc3\xc3\xa9z", "\xbfz"};

	return (size_t)sprintf(text, "%s", samples[dice_below(dice, sizeof(samples) / sizeof(samples[0]))]);
}

static size_t control(struct dice *dice, const struct terminal *ours, char *text)
{
	static const char controls[] = "\b\b\t\t\n\n\n\r\r\v\f\x0e\x0f\x07\x05\x7f";

	*text = controls[dice_below(dice, sizeof(controls) - 1)];
	return !(ours->wraps && strchr("\n\v\f", *text) != NULL);
}

static size_t escape(struct dice *dice, const struct terminal *ours, char *text)
{
	static const char *const sequences[] = {
	        "7", "8", "D", "E", "H", "M", "c", "(0", "(B", ")0", ")B", "=", ">", "Z"};
	const char *sequence = sequences[dice_below(dice, sizeof(sequences) / sizeof(sequences[0]))];

	if (ours->wraps && strchr("8DM", *sequence) != NULL)
		return 0;
	if (*sequence == '8')
		return ours->origin ? 0 : (size_t)sprintf(text, "\0338\033(B\033)B\017");
	if (*sequence == 'c')
		return ours->lines == &ours->main && dice_below(dice, 8) == 0 ? (size_t)sprintf(text, "\033c\0337") : 0;
	return (size_t)sprintf(text, "\033%s", sequence);
}

/* A number near the screen's size, or small, or none, or far too large. */
static size_t number(struct dice *dice, const struct terminal *ours, char *text)
{
	unsigned int size = ours->columns > ours->rows ? ours->columns : ours->rows;

	switch (dice_below(dice, 8)) {
	case 0:
		return 0;
	case 1:
		return (size_t)sprintf(text, "9000");
	case 2:
		return (size_t)sprintf(text, "0");
	case 3:
	case 4:
		return (size_t)sprintf(text, "%u", (unsigned int)dice_below(dice, 4));
	default:
		return (size_t)sprintf(text, "%u", (unsigned int)dice_below(dice, size + 2));
	}
}

static size_t move_or_edit(struct dice *dice, const struct terminal *ours, char *text)
{
	static const char finals[] = "@ABCDEFGIJKLMPSTXZ`adegjkHHHf";
	char final = finals[dice_below(dice, sizeof(finals) - 1)];
	size_t length = (size_t)sprintf(text, "\033[");

	if (final == 'g') /* and libvterm clears all with 5 */
		return (size_t)sprintf(text, "\033[%ug", 3 * (unsigned int)(dice_below(dice, 4) == 0));
	length += number(dice, ours, text + length);
	if (final == 'H' || final == 'f') {
		text[length++] = ';';
		length += number(dice, ours, text + length);
	}
	text[length++] = final;
	return length;
}

static size_t region(struct dice *dice, const struct terminal *ours, char *text)
{
	unsigned int top = (unsigned int)dice_below(dice, ours->rows + 2);
	unsigned int bottom = 1 + (unsigned int)dice_below(dice, ours->rows + 2);

	switch (dice_below(dice, 4)) {
	case 0:
		return (size_t)sprintf(text, "\033[r");
	case 1:
		return (size_t)sprintf(text, "\033[%ur", top);
	default:
		return (size_t)sprintf(text, "\033[%u;%ur", top, bottom);
	}
}

static size_t colour(struct dice *dice, char *text)
{
	unsigned int which = dice_below(dice, 2) ? 38 : 48;
	unsigned int a = (unsigned int)dice_below(dice, 256), b = (unsigned int)dice_below(dice, 256);
	unsigned int c = (unsigned int)dice_below(dice, 256);

	switch (dice_below(dice, 4)) {
	case 0:
		return (size_t)sprintf(text, "%u;5;%u", which, a);
	case 1:
		return (size_t)sprintf(text, "%u:5:%u", which, a);
	case 2:
		return (size_t)sprintf(text, "%u:2:%u:%u:%u", which, a, b, c);
	default:
		return (size_t)sprintf(text, "%u;2;%u;%u;%u", which, a, b, c);
	}
}

static size_t graphics(struct dice *dice, char *text)
{
	static const uint8_t numbers[] = {0, 1, 4, 7, 21, 22, 24, 27, 39, 49, 3, 5, 9, 23, 53, 99};
	size_t length = (size_t)sprintf(text, "\033[");
	unsigned int count = (unsigned int)dice_below(dice, 4);

	for (unsigned int i = 0; i < count; i++) {
		unsigned int base[] = {30, 40, 90, 100};

		if (i > 0)
			text[length++] = ';';
		if (dice_below(dice, 3) == 0)
			length += colour(dice, text + length);
		else if (dice_below(dice, 2) == 0)
			length += (size_t)sprintf(
			        text + length, "%u", base[dice_below(dice, 4)] + (unsigned int)dice_below(dice, 8));
		else if (dice_below(dice, 8) == 0)
			length += (size_t)sprintf(text + length, "4:%u", (unsigned int)dice_below(dice, 4));
		else
			length += (size_t)sprintf(text + length, "%u", numbers[dice_below(dice, sizeof(numbers))]);
	}
	text[length++] = 'm';
	return length;
}

static size_t mode(struct dice *dice, const struct terminal *ours, char *text)
{
	static const char *const modes[] = {
	        "4", "20", "?6", "?7", "?7", "?25", "?1047", "?1048", "?1049", "?2004", "33"};
	const char *which = modes[dice_below(dice, sizeof(modes) / sizeof(modes[0]))];
	bool on = dice_below(dice, 2), restores = !on && strchr("89", which[strlen(which) - 1]) != NULL;

	if (ours->wraps && !on && (restores || strcmp(which, "?7") == 0))
		return 0;
	if (restores && ours->origin)
		return 0;
	return (size_t)sprintf(text, "\033[%s%c%s", which, on ? 'h' : 'l', restores ? "\033(B\033)B\017" : "");
}

static size_t question(struct dice *dice, const struct terminal *ours, char *text)
{
	static const char *const questions[] = {"5n", "6n", "?5n", "?6n", "c", "0c", "n", "1c"};
	const char *which = questions[dice_below(dice, sizeof(questions) / sizeof(questions[0]))];

	if (strchr(which, '6') != NULL && ours->origin && ours->top > 0)
		return 0;
	return (size_t)sprintf(text, "\033[%s", which);
}

static size_t string(struct dice *dice, char *text)
{
	static const char *const strings[] = {"\033]0;a title\033\\", "\033]2;\303\244\007", "\033P1$tx\033\\",
	        "\033]4;1;rgb:00/00/00\030", "\033Pq#0;2;0\032", "\033]\033\\"};

	return (size_t)sprintf(text, "%s", strings[dice_below(dice, sizeof(strings) / sizeof(strings[0]))]);
}

size_t word_by_grammar(struct dice *dice, const struct terminal *ours, char text[WORD_MAX])
{
	switch (dice_below(dice, 16)) {
	case 0:
	case 1:
	case 2:
		return ascii(dice, text, 1 + dice_below(dice, 30));
	case 3:
		return ascii(dice, text, 1 + dice_below(dice, 200));
	case 4:
		return draws_lines(ours) ? 0 : characters(dice, ours, text);
	case 5:
		return has_set(ours) ? 0 : broken(dice, text);
	case 6:
	case 7:
		return control(dice, ours, text);
	case 8:
		return escape(dice, ours, text);
	case 9:
		return region(dice, ours, text);
	case 10:
		return graphics(dice, text);
	case 11:
		return mode(dice, ours, text);
	case 12:
		return dice_below(dice, 2) ? question(dice, ours, text) : string(dice, text);
	default:
		return move_or_edit(dice, ours, text);
	}
}

/* ---- noise ---- */

static bool saved_set(const struct terminal *ours)
{
	return ours->saved.draws_lines[0] || ours->saved.draws_lines[1] || ours->saved.set != 0;
}

static bool may_follow_escape(const struct terminal *ours, uint8_t byte)
{
	if (ours->intermediate != 0)
		return byte == '0' || byte == 'B';
	if (byte == '8')
		return !ours->wraps && !ours->origin && !has_set(ours) && !saved_set(ours);
	return strchr(" #*+PXNO^_cno~|}", byte) == NULL && !(ours->wraps && (byte == 'D' || byte == 'M'));
}

static bool may_set_mode(const struct terminal *ours)
{
	unsigned int first = ours->parameters[0];

	if (ours->parameter > 0 || ours->intermediate != 0)
		return false;
	if (ours->marker == 0)
		return true;
	return ours->marker == '?' && (first == 6 || first == 25 || (first == 7 && !ours->wraps));
}

static bool may_end_csi(const struct terminal *ours, uint8_t byte)
{
	switch (byte) {
	case 'h':
	case 'l':
		return may_set_mode(ours);
	case 'm':
		for (unsigned int i = 0; i <= ours->parameter; i++) {
			if (ours->parameters[i] == 38 || ours->parameters[i] == 48)
				return false;
		}
		return true;
	case 'J':
	case 'K':
	case 'c':
		return ours->marker == 0;
	case 'r':
		return ours->parameter == 0 || !ours->is_given[1] || ours->parameters[1] != 0;
	case 'n':
		return !ours->origin;
	case 'g':
		return ours->parameters[0] != 5;
	default:
		return strchr("bsupq", byte) == NULL;
	}
}

static bool may_be_in_csi(const struct terminal *ours, uint8_t byte)
{
	bool is_first = ours->parameter == 0 && !ours->is_given[0] && ours->marker == 0 && ours->intermediate == 0;

	if (byte >= 0x40)
		return may_end_csi(ours, byte);
	if (byte < 0x30)
		return strchr("\"%&,-./", byte) != NULL;
	if (ours->intermediate != 0 || byte == ':')
		return false;
	if (byte == ';')
		return ours->parameter < 14;
	return byte <= '9' ? ours->parameters[ours->parameter] < 1000 : is_first && byte != '<' && byte != '=';
}

/* Which byte may come next, by where our parser is. */
static bool may_come(const struct terminal *ours, uint8_t byte)
{
	enum { TEXT, ESCAPE, CSI, CSI_INTERMEDIATE, CSI_IGNORED, STRING };

	if (ours->state == STRING)
		return byte >= ' ' && byte < 0x80;
	if (byte < ' ')
		return !(ours->wraps && (byte == '\n' || byte == '\v' || byte == '\f'));
	if (ours->state == ESCAPE)
		return byte < 0x80 && may_follow_escape(ours, byte);
	if (ours->state == CSI || ours->state == CSI_INTERMEDIATE)
		return byte < 0x80 && may_be_in_csi(ours, byte);
	return ours->state == TEXT;
}

size_t word_of_noise(struct dice *dice, const struct terminal *ours, char text[WORD_MAX])
{
	static const char likely[] = "\033\033\033[[[[[;;0123456789?\r\n\b\t ABCDHJKLMPSTXhlmr@";
	bool is_string = ours->state == 5;
	uint8_t byte = (uint8_t)dice_below(dice, 0xc0);

	if (is_string && dice_below(dice, 4) == 0)
		return (size_t)sprintf(text, "%s", dice_below(dice, 2) ? "\033\\" : "\007");
	if (dice_below(dice, 3) != 0)
		byte = (uint8_t)likely[dice_below(dice, sizeof(likely) - 1)];
	if (dice_below(dice, 16) == 0 && ours->state == 0)
		return put_character(text, random_in(dice, 0xa0, 0x2ff));
	if (!may_come(ours, byte))
		return 0;
	text[0] = (char)byte;
	return 1;
}
