#include "sample_config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/image.h"
#include "verify.h"

#define ENTRIES 9
#define BLANKS  " \t"

const struct image_header sample_config_header = {
        .config_lba = 2048,
        .config_sectors = IMAGE_BLOCK_SECTORS,
        .preferred_slot = 1,
        .module_count = 2,
        .module = {{.name = "one"}, {.name = "two"}},
        .kernel = {{.file.size = 1}, {.file.size = 1}},
};

void sample_config_seal(struct image_config *config)
{
	if (config->size <= IMAGE_CONFIG_TEXT_MAX)
		config->crc32c = image_config_crc(verify_table(), config);
}

void sample_config_fill(struct image_config *config, const char *text, size_t size)
{
	memset(config, 0, sizeof(*config));
	config->magic = IMAGE_CONFIG_MAGIC;
	config->size = size < IMAGE_CONFIG_TEXT_MAX ? (uint32_t)size : IMAGE_CONFIG_TEXT_MAX;
	memcpy(config->text, text, config->size);
	sample_config_seal(config);
}

/* ---- the opinion: of lines ended by zero bytes, entries in an array of which the first is what stands above them ----
 */

struct entry {
	const char *name, *line;
	unsigned slot, modules;
	char seen[8];
};

struct opinion {
	struct entry entry[ENTRIES + 1];
	unsigned count, timeout;
	const char *chosen;
};

static bool is_control(char c)
{
	return ((uint8_t)c < 32 && c != '\n' && c != '\t') || c == 127;
}

static bool is_all_ascii(const char *text)
{
	while (*text && isascii(*text))
		text++;
	return *text == 0;
}

static char *stripped(char *text)
{
	char *end = text + strlen(text);

	while (end > text && strchr(BLANKS, end[-1]))
		*--end = 0;
	return text + strspn(text, BLANKS);
}

static bool read_modules(struct entry *entry, char *names)
{
	entry->modules = 0;
	for (char *name = strtok(names, BLANKS); name; name = strtok(NULL, BLANKS)) {
		if (strcmp(name, "one") != 0 && strcmp(name, "two") != 0)
			return false;
		entry->modules |= name[0] == 'o' ? 1 : 2;
	}
	return true;
}

static bool read_value(struct opinion *o, struct entry *entry, const char *name, char *value)
{
	static const char letters[] = "dtckm"; /* the names' first ones */
	static const char *const names[] = {"default", "timeout", "cmdline", "kernel", "modules"};
	const char *letter = name[0] ? strchr(letters, name[0]) : NULL;

	if (!letter || strcmp(names[letter - letters], name) != 0 || strchr(entry->seen, name[0]))
		return false;
	entry->seen[strlen(entry->seen)] = name[0];
	switch (name[0]) {
	case 'd':
		o->chosen = value;
		return o->count == 0;
	case 't':
		o->timeout = (unsigned)strtoul(value, NULL, 10);
		return o->count == 0 && *value && strspn(value, "0123456789") == strlen(value) &&
		       strtoul(value, NULL, 10) <= 3600;
	case 'c':
		entry->line = value;
		return true;
	case 'k':
		entry->slot = value[0] == 'B';
		return strcmp(value, "A") == 0 || strcmp(value, "B") == 0 || strcmp(value, "other") == 0;
	default:
		return read_modules(entry, value);
	}
}

static bool read_entry(struct opinion *o, char *line)
{
	size_t length = strlen(line);
	struct entry *entry = &o->entry[o->count + 1];

	if (length < 2 || line[length - 1] != ']' || o->count == ENTRIES)
		return false;
	line[length - 1] = 0;
	line = stripped(line + 1);
	for (unsigned i = 1; i <= o->count; i++)
		if (strcmp(o->entry[i].name, line) == 0)
			return false;
	for (const char *c = line; *c; c++)
		if (!isprint(*c))
			return false;
	*entry = o->entry[0];
	entry->name = line;
	memset(entry->seen, 0, sizeof(entry->seen));
	o->count++;
	return *line && strlen(line) <= 40;
}

static bool read_line(struct opinion *o, char *line)
{
	char *equals;

	line = stripped(line);
	if (*line == 0 || *line == '#')
		return true;
	if (!is_all_ascii(line))
		return false;
	if (*line == '[')
		return read_entry(o, line);
	equals = strchr(line, '=');
	if (!equals)
		return false;
	*equals = 0;
	return read_value(o, &o->entry[o->count], stripped(line), stripped(equals + 1));
}

static bool read_lines(struct opinion *o, char *text)
{
	for (char *line = text; line;) {
		char *next = strchr(line, '\n');

		if (next)
			*next++ = 0;
		if (!read_line(o, line))
			return false;
		line = next;
	}
	return true;
}

bool sample_config_opinion(const struct image_config *config, struct sample_config *opinion)
{
	static char text[SAMPLE_CONFIG_LINE];
	struct opinion o = {.entry = {{.line = "", .slot = 1, .modules = 3}}};
	unsigned chosen = 1;

	*opinion = (struct sample_config){.slot = 1, .modules = 3, .entries = 1};
	if (config->magic != IMAGE_CONFIG_MAGIC || config->size > IMAGE_CONFIG_TEXT_MAX)
		return false;
	for (uint32_t i = 0; i < config->size; i++)
		if (is_control(config->text[i]))
			return false;
	memcpy(text, config->text, config->size);
	text[config->size] = 0;
	if (!read_lines(&o, text))
		return false;
	while (o.chosen && chosen <= o.count && strcmp(o.entry[chosen].name, o.chosen) != 0)
		chosen++;
	if (o.count == 0) {
		chosen = 0;
		if (o.chosen && strcmp(o.chosen, "Cairn") != 0)
			return false;
	} else if (chosen > o.count) {
		return false;
	}
	strcpy(opinion->line, o.entry[chosen].line);
	opinion->slot = o.entry[chosen].slot;
	opinion->modules = o.entry[chosen].modules;
	opinion->entries = o.count ? o.count : 1;
	opinion->chosen = chosen ? chosen - 1 : 0;
	opinion->timeout = o.timeout;
	return true;
}

void sample_config_words(const char *words, size_t size, char line[SAMPLE_CONFIG_LINE])
{
	size_t length = size < IMAGE_CONFIG_TEXT_MAX ? size : IMAGE_CONFIG_TEXT_MAX;

	for (size_t i = 0; i < length; i++)
		line[i] = isascii(words[i]) && isprint(words[i]) ? words[i] : '?';
	line[length] = 0;
}
