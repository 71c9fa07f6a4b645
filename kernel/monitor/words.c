#include "monitor/words.h"

#include <stdint.h>

#include "lib/string.h"

#define NAME_MAX 24u /* longer names are like no other */

unsigned int words_split(char *line, char *words[WORDS_MAX + 1])
{
	unsigned int count = 0;

	for (;;) {
		while (*line == ' ')
			line++;
		if (*line == '\0')
			break;
		if (count++ < WORDS_MAX)
			words[count - 1] = line;
		while (*line != '\0' && *line != ' ')
			line++;
		if (*line == ' ')
			*line++ = '\0';
	}
	words[count < WORDS_MAX ? count : WORDS_MAX] = NULL;
	return count;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Damerau's distance of neighbours, row by row; the lengths are NAME_MAX at most. */
static unsigned int distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	uint8_t rows[3][NAME_MAX + 1];

	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= a_length; i++) {
		uint8_t *row = rows[i % 3], *before = rows[(i + 2) % 3], *two_before = rows[(i + 1) % 3];

		row[0] = (uint8_t)i;
		for (size_t j = 1; j <= b_length; j++) {
			unsigned int cost = before[j - 1] + (a[i - 1] != b[j - 1]);

			cost = least(cost, least(before[j], row[j - 1]) + 1u);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost = least(cost, two_before[j - 2] + 1u);
			row[j] = (uint8_t)cost;
		}
	}
	return rows[a_length % 3][b_length];
}

const char *words_nearest(const char *typed, const char *(*name)(unsigned int index))
{
	size_t length = strlen(typed);
	unsigned int best = length < 3 ? 1 : length < 6 ? 2 : 3; /* changes that are too many */
	const char *nearest = NULL, *candidate;

	for (unsigned int i = 0; length <= NAME_MAX && (candidate = name(i)) != NULL; i++) {
		size_t candidate_length = strlen(candidate);
		unsigned int changes;

		if (candidate_length > NAME_MAX)
			continue;
		changes = distance(typed, length, candidate, candidate_length);
		if (changes < best) {
			best = changes;
			nearest = candidate;
		}
	}
	return nearest;
}

unsigned int words_complete(const char *typed, size_t length, const char *(*name)(unsigned int index),
        const char **common, size_t *common_length)
{
	unsigned int count = 0;
	const char *candidate;

	for (unsigned int i = 0; (candidate = name(i)) != NULL; i++) {
		size_t same = 0;

		if (strncmp(candidate, typed, length) != 0)
			continue;
		if (count++ == 0) {
			*common = candidate;
			*common_length = strlen(candidate);
		}
		while (same < *common_length && candidate[same] == (*common)[same])
			same++;
		*common_length = same;
	}
	return count;
}
