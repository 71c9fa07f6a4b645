#include "lib/acpi_sleep.h"

#include "lib/string.h"

/* Of the byte code (20.2). */
#define NAME_OP    0x08
#define BYTE_OP    0x0a
#define WORD_OP    0x0b
#define DWORD_OP   0x0c
#define PACKAGE_OP 0x12
#define ROOT       '\\'

#define LENGTH_BYTES(first) ((first) >> 6) /* that follow the first one of a package's length */
#define SLEEP_TYPE_MAX      7

struct bytes {
	const uint8_t *at, *end;
};

static bool skip(struct bytes *code, size_t count)
{
	if ((size_t)(code->end - code->at) < count)
		return false;
	code->at += count;
	return true;
}

static bool take(struct bytes *code, uint8_t *byte)
{
	if (!skip(code, 1))
		return false;
	*byte = code->at[-1];
	return true;
}

/* An integer: 0 and 1 are operations of their own. Only the lowest byte counts, of those that are longer. */
static bool take_integer(struct bytes *code, uint8_t *value)
{
	uint8_t operation;

	if (!take(code, &operation))
		return false;
	switch (operation) {
	case 0:
	case 1:
		*value = operation;
		return true;
	case BYTE_OP:
		return take(code, value);
	case WORD_OP:
		return take(code, value) && skip(code, 1);
	case DWORD_OP:
		return take(code, value) && skip(code, 3);
	default:
		return false;
	}
}

/* Behind the name: an operation, the length of what follows, how many elements, and the first two of them. */
static bool read_package(struct bytes code, struct acpi_sleep_type *type)
{
	uint8_t operation, length, count;

	if (!take(&code, &operation) || operation != PACKAGE_OP)
		return false;
	if (!take(&code, &length) || !skip(&code, LENGTH_BYTES(length)))
		return false;
	if (!take(&code, &count) || count < 1 || !take_integer(&code, &type->a))
		return false;
	type->b = 0;
	if (count >= 2 && !take_integer(&code, &type->b))
		return false;
	return type->a <= SLEEP_TYPE_MAX && type->b <= SLEEP_TYPE_MAX;
}

static bool is_named(const uint8_t *start, const uint8_t *name)
{
	if (name > start && name[-1] == ROOT)
		name--;
	return name > start && name[-1] == NAME_OP;
}

bool acpi_find_s5(const void *code, size_t size, struct acpi_sleep_type *type)
{
	static const char wanted[4] = {'_', 'S', '5', '_'};
	const uint8_t *start = code;

	for (size_t i = 0; i + sizeof(wanted) <= size; i++) {
		struct bytes rest = {start + i + sizeof(wanted), start + size};

		if (memcmp(start + i, wanted, sizeof(wanted)) == 0 && is_named(start, start + i) &&
		        read_package(rest, type))
			return true;
	}
	return false;
}
