#include "core/boot_word.h"

#include "core/black_box.h"
#include "core/log.h"
#include "lib/command_line.h"
#include "lib/string.h"
#include "paging.h"

#define SHOWN_MAX 40u /* characters of a word that nobody knows */

static bool is_named(const struct command_line_word *word, const char *name)
{
	return word->name_length == strlen(name) && memcmp(word->name, name, word->name_length) == 0;
}

static const struct boot_word *find(const struct command_line_word *word)
{
	for (const struct boot_word *w = linker_boot_words_start; w != linker_boot_words_end; w++) {
		if (is_named(word, w->name))
			return w;
	}
	return NULL;
}

static bool is_known(const struct command_line_word *word)
{
	return find(word) != NULL || is_named(word, "test");
}

/* One without a name is shown as it stands there. */
static unsigned int shown_length(const struct command_line_word *word)
{
	size_t length =
	        word->name_length > 0 ? word->name_length : (size_t)(word->value + word->value_length - word->name);

	return length < SHOWN_MAX ? (unsigned int)length : SHOWN_MAX;
}

static void name_unknown(const char *line)
{
	struct command_line_word word;
	bool found = false;

	while ((line = command_line_next(line, &word)) != NULL) {
		if (is_known(&word))
			continue;
		log_warning("%s %.*s",
		        found ? "" : "Nobody knows these words of the command line:", (int)shown_length(&word),
		        word.name);
		found = true;
	}
	if (!found)
		return;
	log_warning("\nThere are:");
	for (const struct boot_word *w = linker_boot_words_start; w != linker_boot_words_end; w++)
		log_warning(" %s", w->name);
	log_warning("\n");
}

static void run(const struct boot_word *registered, const struct boot_info *info, const struct command_line_word *word)
{
	black_box_command_runs(word->name, (size_t)(word->value + word->value_length - word->name));
	registered->run(info, word->value, word->value_length);
	black_box_command_runs("", 0);
}

void boot_word_run_all(const struct boot_info *info)
{
	const char *first = paging_direct(info->command_line), *line = first;
	struct command_line_word word;

	while ((line = command_line_next(line, &word)) != NULL) {
		const struct boot_word *registered = find(&word);

		if (registered != NULL && registered->run != NULL)
			run(registered, info, &word);
		else if (registered == NULL && is_named(&word, "test"))
			log_warning("The tests are in a kernel of their own: start build/test.img instead.\n");
	}
	name_unknown(first);
}

BOOT_WORD(video, "video=WIDTHxHEIGHTxBITS, auto or text: what the loader makes of the screen", NULL);
BOOT_WORD(verify, "verify=full: the loader prints and compares the SHA-256 of all it loads", NULL);
BOOT_WORD(nokaslr, "the kernel goes where it is linked, not to a random place", NULL);
