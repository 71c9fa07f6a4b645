#include "kernel_test.h"

#include <stdbool.h>

#include "lib/command_line.h"
#include "lib/string.h"
#include "paging.h"

static bool has_value(const char *line, const char *name, const char *value)
{
	struct command_line_word word;

	return command_line_find(line, name, &word) && word.value_length == strlen(value) &&
	       memcmp(word.value, value, word.value_length) == 0;
}

KERNEL_TEST(command_line_words)
{
	const char *line = "  quiet video=text\tvideo=80x25 empty= path=a=b ";
	struct command_line_word word;

	EXPECT(has_value(line, "quiet", ""));
	EXPECT(has_value(line, "video", "80x25"));
	EXPECT(has_value(line, "empty", ""));
	EXPECT(has_value(line, "path", "a=b"));
	EXPECT(!command_line_find(line, "vide", &word));
	EXPECT(!command_line_find(line, "text", &word));
	EXPECT(!command_line_find("", "quiet", &word));
}

KERNEL_TEST(command_line_of_this_boot)
{
	struct command_line_word word;

	EXPECT(command_line_find(paging_direct(info->command_line), "test", &word));
}
