#include "monitor/completion.h"

#include "lib/string.h"
#include "monitor/words.h"

#define LIST_COLUMN 12u

const char *completion_command(unsigned int index)
{
	const struct monitor_command *command = linker_monitor_commands_start + index;

	return command < linker_monitor_commands_end ? command->name : NULL;
}

/* The word before the cursor: names are known for the first of the line, and for what `help` explains. */
static bool find_word(const struct line_editor *editor, const char **word, size_t *length)
{
	const char *line = editor->text;
	size_t begin = editor->cursor, first = 0;

	while (begin > 0 && line[begin - 1] != ' ')
		begin--;
	while (line[first] == ' ')
		first++;
	*word = line + begin;
	*length = editor->cursor - begin;
	return begin <= first || (strncmp(line + first, "help ", 5) == 0 && begin > first);
}

bool completion_do(struct line_editor *editor)
{
	const char *word, *common = NULL;
	size_t length, common_length = 0;
	unsigned int count;

	if (!find_word(editor, &word, &length))
		return true;
	count = words_complete(word, length, completion_command, &common, &common_length);
	if (count == 0) {
		editor->rings = true;
		return true;
	}
	line_editor_insert(editor, common + length, common_length - length);
	if (count == 1)
		line_editor_insert(editor, " ", 1);
	return count == 1 || common_length > length;
}

void completion_list(const struct line_editor *editor, struct command_output *output, unsigned int columns)
{
	unsigned int column = 0;
	const char *word, *name;
	size_t length;

	find_word(editor, &word, &length);
	for (unsigned int i = 0; (name = completion_command(i)) != NULL; i++) {
		if (strncmp(name, word, length) != 0)
			continue;
		if (column + LIST_COLUMN > columns) {
			command_print(output, "\n");
			column = 0;
		}
		command_print(output, "%-*s", (int)LIST_COLUMN, name);
		column += LIST_COLUMN;
	}
}
