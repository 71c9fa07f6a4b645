#include "lib/format.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/string.h"

#define DIGITS_MAX 20 /* of 2^64 - 1 in decimal: five groups of four */

struct output {
	void (*put)(void *context, const char *text, size_t length);
	void *context;
	size_t length;
};

enum length { LENGTH_INT, LENGTH_LONG, LENGTH_LONG_LONG, LENGTH_SIZE, LENGTH_MAX };

struct conversion {
	bool left, zero, plus, prefix;
	size_t width;
	bool has_precision;
	size_t precision;
	enum length length;
	char type;
};

static void put_text(struct output *out, const char *text, size_t length)
{
	if (length == 0)
		return;
	out->put(out->context, text, length);
	out->length += length;
}

static void put_repeated(struct output *out, char character, size_t count)
{
	char run[16];

	memset(run, character, sizeof(run));
	for (; count > sizeof(run); count -= sizeof(run))
		put_text(out, run, sizeof(run));
	put_text(out, run, count);
}

/* Writes the decimal digits so that they end at `end`; returns where they begin. Zero has no digits. */
static char *decimal_digits(char *end, uint64_t value)
{
	/* Four digits at a time by schoolbook division over 16-bit parts: no 64-bit division, which i386 lacks. */
	uint32_t parts[4] = {(uint32_t)(value >> 48), (uint32_t)(value >> 32) & 0xffff, (uint32_t)value >> 16,
	        (uint32_t)value & 0xffff};
	char *p = end;

	while ((parts[0] | parts[1] | parts[2] | parts[3]) != 0) {
		uint32_t rest = 0;

		for (int i = 0; i < 4; i++) {
			uint32_t part = rest << 16 | parts[i];

			parts[i] = part / 10000;
			rest = part % 10000;
		}
		for (int i = 0; i < 4; i++, rest /= 10)
			*--p = (char)('0' + rest % 10);
	}
	while (p < end && *p == '0')
		p++;
	return p;
}

/* As decimal_digits, in base 16. */
static char *hexadecimal_digits(char *end, uint64_t value, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; value != 0; value >>= 4)
		*--end = digits[value & 15];
	return end;
}

/* Sign or 0x, then zeros up to the precision (or the width, if the flag 0 asks for it), then the digits. */
static void put_number(
        struct output *out, const struct conversion *c, const char *prefix, const char *digits, size_t digit_count)
{
	size_t prefix_length = strlen(prefix);
	size_t precision = c->has_precision ? c->precision : 1;
	size_t zeros = precision > digit_count ? precision - digit_count : 0;
	size_t length = prefix_length + zeros + digit_count;
	size_t padding = c->width > length ? c->width - length : 0;

	if (c->zero && !c->left && !c->has_precision) {
		zeros += padding;
		padding = 0;
	}
	if (!c->left)
		put_repeated(out, ' ', padding);
	put_text(out, prefix, prefix_length);
	put_repeated(out, '0', zeros);
	put_text(out, digits, digit_count);
	if (c->left)
		put_repeated(out, ' ', padding);
}

static void put_decimal(struct output *out, const struct conversion *c, uint64_t magnitude, const char *sign)
{
	char buffer[DIGITS_MAX];
	char *end = buffer + sizeof(buffer);
	char *digits = decimal_digits(end, magnitude);

	put_number(out, c, sign, digits, (size_t)(end - digits));
}

static void put_hexadecimal(struct output *out, const struct conversion *c, uint64_t value, bool prefixed)
{
	bool upper = c->type == 'X';
	char buffer[DIGITS_MAX];
	char *end = buffer + sizeof(buffer);
	char *digits = hexadecimal_digits(end, value, upper);

	put_number(out, c, !prefixed ? "" : upper ? "0X" : "0x", digits, (size_t)(end - digits));
}

static void put_string(struct output *out, const struct conversion *c, const char *text, size_t length)
{
	size_t padding = c->width > length ? c->width - length : 0;

	if (!c->left)
		put_repeated(out, ' ', padding);
	put_text(out, text, length);
	if (c->left)
		put_repeated(out, ' ', padding);
}

static int64_t next_signed(enum length length, va_list *args)
{
	switch (length) {
	case LENGTH_LONG:
		return va_arg(*args, long);
	case LENGTH_LONG_LONG:
		return va_arg(*args, long long);
	case LENGTH_SIZE:
		return va_arg(*args, ptrdiff_t);
	case LENGTH_MAX:
		return va_arg(*args, intmax_t);
	default:
		return va_arg(*args, int);
	}
}

static uint64_t next_unsigned(enum length length, va_list *args)
{
	switch (length) {
	case LENGTH_LONG:
		return va_arg(*args, unsigned long);
	case LENGTH_LONG_LONG:
		return va_arg(*args, unsigned long long);
	case LENGTH_SIZE:
		return va_arg(*args, size_t);
	case LENGTH_MAX:
		return va_arg(*args, uintmax_t);
	default:
		return va_arg(*args, unsigned int);
	}
}

/* A number at *format, or `*` for one from the arguments. */
static int parse_number(const char **format, va_list *args)
{
	int number = 0;

	if (**format == '*') {
		(*format)++;
		return va_arg(*args, int);
	}
	for (; **format >= '0' && **format <= '9'; (*format)++)
		number = number * 10 + (**format - '0');
	return number;
}

static void parse_flags(const char **format, struct conversion *c)
{
	for (;; (*format)++) {
		switch (**format) {
		case '-':
			c->left = true;
			break;
		case '0':
			c->zero = true;
			break;
		case '+':
			c->plus = true;
			break;
		case '#':
			c->prefix = true;
			break;
		default:
			return;
		}
	}
}

static enum length parse_length(const char **format)
{
	switch (**format) {
	case 'l':
		(*format)++;
		if (**format != 'l')
			return LENGTH_LONG;
		(*format)++;
		return LENGTH_LONG_LONG;
	case 'z':
		(*format)++;
		return LENGTH_SIZE;
	case 'j':
		(*format)++;
		return LENGTH_MAX;
	default:
		return LENGTH_INT;
	}
}

/* Reads what stands behind a '%' up to and with the type; returns what follows it. */
static const char *parse_conversion(const char *format, struct conversion *c, va_list *args)
{
	int number;

	*c = (struct conversion){0};
	parse_flags(&format, c);
	number = parse_number(&format, args);
	c->left |= number < 0;
	c->width = number < 0 ? 0 - (size_t)number : (size_t)number;
	if (*format == '.') {
		format++;
		number = parse_number(&format, args);
		c->has_precision = number >= 0;
		c->precision = number >= 0 ? (size_t)number : 0;
	}
	c->length = parse_length(&format);
	c->type = *format;
	return *format == '\0' ? format : format + 1;
}

/* False if the type is unknown; then nothing was put. */
static bool put_conversion(struct output *out, const struct conversion *c, va_list *args)
{
	int64_t number;
	const char *text;
	char character;

	switch (c->type) {
	case 'd':
	case 'i':
		number = next_signed(c->length, args);
		put_decimal(out, c, number < 0 ? 0 - (uint64_t)number : (uint64_t)number,
		        number < 0 ? "-"
		        : c->plus  ? "+"
		                   : "");
		return true;
	case 'u':
		put_decimal(out, c, next_unsigned(c->length, args), "");
		return true;
	case 'x':
	case 'X': {
		uint64_t value = next_unsigned(c->length, args);

		put_hexadecimal(out, c, value, c->prefix && value != 0);
		return true;
	}
	case 'p':
		put_hexadecimal(out, c, (uintptr_t)va_arg(*args, void *), true);
		return true;
	case 's':
		text = va_arg(*args, const char *);
		if (text == NULL)
			text = "(null)";
		put_string(out, c, text, c->has_precision ? strnlen(text, c->precision) : strlen(text));
		return true;
	case 'c':
		character = (char)va_arg(*args, int);
		put_string(out, c, &character, 1);
		return true;
	case '%':
		put_text(out, "%", 1);
		return true;
	default:
		return false;
	}
}

size_t format_args(
        void (*put)(void *context, const char *text, size_t length), void *context, const char *format, va_list args)
{
	struct output out = {put, context, 0};
	va_list rest;

	va_copy(rest, args);
	while (*format != '\0') {
		const char *percent = format;
		struct conversion c;

		while (*percent != '\0' && *percent != '%')
			percent++;
		put_text(&out, format, (size_t)(percent - format));
		if (*percent == '\0')
			break;
		format = parse_conversion(percent + 1, &c, &rest);
		if (!put_conversion(&out, &c, &rest))
			put_text(&out, percent, (size_t)(format - percent));
	}
	va_end(rest);
	return out.length;
}

struct buffer {
	char *next;
	size_t room;
};

static void put_in_buffer(void *context, const char *text, size_t length)
{
	struct buffer *buffer = context;

	if (length > buffer->room)
		length = buffer->room;
	if (length == 0) /* then there may be no buffer at all */
		return;
	memcpy(buffer->next, text, length);
	buffer->next += length;
	buffer->room -= length;
}

size_t format_string_args(char *buffer, size_t size, const char *format, va_list args)
{
	struct buffer target = {buffer, size == 0 ? 0 : size - 1};
	size_t length = format_args(put_in_buffer, &target, format, args);

	if (size != 0)
		*target.next = '\0';
	return length;
}

size_t format_string(char *buffer, size_t size, const char *format, ...)
{
	size_t length;
	va_list args;

	va_start(args, format);
	length = format_string_args(buffer, size, format, args);
	va_end(args);
	return length;
}
