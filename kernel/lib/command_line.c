#include "lib/command_line.h"

#include "lib/string.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *command_line_next(const char *line, struct command_line_word *word)
{
	while (is_blank(*line))
		line++;
	if (*line == '\0')
		return NULL;
	word->name = line;
	while (*line != '\0' && *line != '=' && !is_blank(*line))
		line++;
	word->name_length = (size_t)(line - word->name);
	if (*line == '=')
		line++;
	word->value = line;
	while (*line != '\0' && !is_blank(*line))
		line++;
	word->value_length = (size_t)(line - word->value);
	return line;
}

bool command_line_find(const char *line, const char *name, struct command_line_word *word)
{
	struct command_line_word candidate;
	size_t length = strlen(name);
	bool found = false;

	while ((line = command_line_next(line, &candidate)) != NULL) {
		if (candidate.name_length == length && memcmp(candidate.name, name, length) == 0) {
			*word = candidate;
			found = true;
		}
	}
	return found;
}
