#include "core/boot_word.h"

#include "lib/command_line.h"
#include "core/log.h"
#include "lib/string.h"
#include "paging.h"

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

void boot_word_run_all(const struct boot_info *info)
{
	const char *line = paging_direct(info->command_line);
	struct command_line_word word;

	while ((line = command_line_next(line, &word)) != NULL) {
		const struct boot_word *registered = find(&word);

		if (registered != NULL)
			registered->run(info, word.value, word.value_length);
		else if (is_named(&word, "test"))
			log_warning("The tests are in a kernel of their own: start build/test.img instead.\n");
	}
}
