#include "lib/config.h"

#include "lib/format.h"
#include "lib/string.h"

enum key { KEY_DEFAULT, KEY_TIMEOUT, KEY_CMDLINE, KEY_KERNEL, KEY_MODULES, KEY_COUNT };

static const char key_names[KEY_COUNT][8] = {"default", "timeout", "cmdline", "kernel", "modules"};

struct parser {
	struct config *config;
	const struct image_header *header;
	struct config_error *error;
	struct config_entry usual;  /* what an entry is that says nothing else */
	struct config_entry *entry; /* the one in hand; &usual before the first */
	uint32_t seen;              /* bit for each enum key of the entry in hand */
	uint32_t line, default_line;
	struct config_words default_name;
};

static bool fail(struct parser *p, struct config_words what, const char *why)
{
	*p->error = (struct config_error){p->line, what, why};
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct config_words trim(struct config_words words)
{
	while (words.length && is_blank(words.text[0])) {
		words.text++;
		words.length--;
	}
	while (words.length && is_blank(words.text[words.length - 1]))
		words.length--;
	return words;
}

/* Of [text, end) what comes before the first `c`, if it is there. */
static struct config_words until(const char *text, const char *end, char c)
{
	const char *at = text;

	while (at < end && *at != c)
		at++;
	return (struct config_words){text, (uint32_t)(at - text)};
}

static bool is_string(struct config_words words, const char *string)
{
	return words.length == strlen(string) && memcmp(words.text, string, words.length) == 0;
}

static bool are_same(struct config_words a, struct config_words b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

/* ---- values ---- */

static bool take_timeout(struct parser *p, struct config_words value)
{
	uint32_t number = 0;
	bool good = value.length > 0;

	for (uint32_t i = 0; i < value.length && good; i++) {
		number = number * 10 + (uint32_t)(value.text[i] - '0');
		good = value.text[i] >= '0' && value.text[i] <= '9' && number <= CONFIG_TIMEOUT_MAX;
	}
	p->config->timeout = number;
	return good || fail(p, value, "is no number of seconds from 0 to 3600");
}

static bool take_kernel(struct parser *p, struct config_words value)
{
	if (is_string(value, "other"))
		p->entry->slot = !p->header->preferred_slot;
	else if (is_string(value, "A") || is_string(value, "B"))
		p->entry->slot = value.text[0] - 'A';
	else
		return fail(p, value, "is no slot: there are A, B and other");
	return p->header->kernel[p->entry->slot].file.size || fail(p, value, "is a slot without a kernel");
}

static bool take_module(struct parser *p, struct config_words name)
{
	for (uint32_t i = 0; i < p->header->module_count; i++)
		if (is_string(name, p->header->module[i].name)) {
			p->entry->modules |= 1u << i;
			return true;
		}
	return fail(p, name, "is no module of this image");
}

static bool take_modules(struct parser *p, struct config_words value)
{
	const char *end = value.text + value.length;

	p->entry->modules = 0;
	for (const char *at = value.text; at < end; at++) {
		struct config_words name = {at, 0};

		while (at < end && !is_blank(*at))
			at++;
		name.length = (uint32_t)(at - name.text);
		if (name.length && !take_module(p, name))
			return false;
	}
	return true;
}

static bool take_value(struct parser *p, enum key key, struct config_words value)
{
	switch (key) {
	case KEY_DEFAULT:
		p->default_name = value;
		p->default_line = p->line;
		return true;
	case KEY_TIMEOUT:
		return take_timeout(p, value);
	case KEY_KERNEL:
		return take_kernel(p, value);
	case KEY_MODULES:
		return take_modules(p, value);
	default:
		p->entry->command_line = value;
		return true;
	}
}

/* ---- lines ---- */

static bool take_setting(struct parser *p, struct config_words line)
{
	struct config_words name = until(line.text, line.text + line.length, '=');
	struct config_words value = {name.text + name.length + 1, line.length - name.length - 1};
	unsigned key = 0;

	if (name.length == line.length)
		return fail(p, line, "is neither NAME = VALUE nor [ENTRY]");
	name = trim(name);
	while (key < KEY_COUNT && !is_string(name, key_names[key]))
		key++;
	if (key == KEY_COUNT)
		return fail(p, name, "is unknown: there are default, timeout, cmdline, kernel and modules");
	if (key <= KEY_TIMEOUT && p->entry != &p->usual)
		return fail(p, name, "belongs above the first entry");
	if (p->seen & 1u << key)
		return fail(p, name, "is given twice");
	p->seen |= 1u << key;
	return take_value(p, key, trim(value));
}

/* Names are shown on every kind of screen. */
static bool is_plain(struct config_words name)
{
	for (uint32_t i = 0; i < name.length; i++)
		if (name.text[i] < ' ' || name.text[i] > '~')
			return false;
	return name.length > 0 && name.length <= CONFIG_NAME_MAX;
}

static bool begin_entry(struct parser *p, struct config_words line)
{
	struct config *config = p->config;
	struct config_words name;

	if (line.text[line.length - 1] != ']')
		return fail(p, line, "has no ] at its end");
	name = trim((struct config_words){line.text + 1, line.length - 2});
	if (!is_plain(name))
		return fail(p, line, "is no name: 1 to 40 letters, digits, signs and blanks");
	for (uint32_t i = 0; i < config->count; i++)
		if (are_same(name, config->entry[i].name))
			return fail(p, name, "is the name of another entry, too");
	if (config->count == CONFIG_ENTRY_MAX)
		return fail(p, name, "is one entry too many: there may be 9");
	p->entry = &config->entry[config->count++];
	*p->entry = p->usual;
	p->entry->name = name;
	p->seen = 0;
	return true;
}

/* Terminals obey control characters, and what is beyond ASCII looks different everywhere: it is for comments. */
static bool take_line(struct parser *p, struct config_words line)
{
	static const struct config_words nothing = {NULL, 0};
	struct config_words said = trim(line);
	bool is_comment = said.length == 0 || said.text[0] == '#';

	for (uint32_t i = 0; i < line.length; i++) {
		uint8_t c = (uint8_t)line.text[i];
		if ((c < ' ' && c != '\t') || c == 127)
			return fail(p, nothing, "a control character");
		if (c > 127 && !is_comment)
			return fail(p, nothing, "outside of comments all characters are ASCII");
	}
	if (is_comment)
		return true;
	return said.text[0] == '[' ? begin_entry(p, said) : take_setting(p, said);
}

static bool choose(struct parser *p)
{
	struct config *config = p->config;

	p->line = p->default_line;
	for (uint32_t i = 0; i < config->count; i++)
		if (are_same(p->default_name, config->entry[i].name)) {
			config->chosen = i;
			return true;
		}
	return fail(p, p->default_name, "is the name of no entry");
}

static bool parse(struct parser *p, const char *text, const char *end)
{
	while (text < end) {
		struct config_words line = until(text, end, '\n');

		p->line++;
		if (!take_line(p, line))
			return false;
		text += line.length;
		if (text < end)
			text++;
	}
	if (p->config->count == 0) {
		p->config->entry[0] = p->usual;
		p->config->count = 1;
	}
	return p->default_line == 0 || choose(p);
}

bool config_parse(struct config *config, const char *text, uint32_t size, const struct image_header *header,
        struct config_error *error)
{
	const struct config_entry usual = {
	        .name = {"Cairn", 5},
	        .command_line = {"", 0},
	        .slot = header->preferred_slot,
	        .modules = (1u << header->module_count) - 1,
	};
	struct parser p = {.config = config, .header = header, .error = error, .usual = usual, .entry = &p.usual};

	*config = (struct config){0};
	if (parse(&p, text, text + size))
		return true;
	*config = (struct config){.entry = {usual}, .count = 1};
	return false;
}

void config_error_say(char sentence[CONFIG_SENTENCE_MAX], const char *head, const struct config_error *error)
{
	uint32_t length = error->what.length;
	bool is_long = length > CONFIG_NAME_MAX;

	if (error->what.text == NULL)
		format_string(sentence, CONFIG_SENTENCE_MAX, "%s%u: %s", head, error->line, error->why);
	else
		format_string(sentence, CONFIG_SENTENCE_MAX, "%s%u: '%.*s%s' %s", head, error->line,
		        (int)(is_long ? CONFIG_NAME_MAX : length), error->what.text, is_long ? "..." : "", error->why);
}
