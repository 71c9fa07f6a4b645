/*
 * A typed line and its words, which are parted by blanks.
 */
#ifndef MONITOR_WORDS_H
#define MONITOR_WORDS_H

#include <stddef.h>

#define WORDS_MAX 32u

/*
 * [any] Ends each word of `line` by a zero byte and puts it into `words`, and NULL behind the last; returns how many
 * there are. More than WORDS_MAX are counted, but not there.
 */
unsigned int words_split(char *line, char *words[WORDS_MAX + 1]);

/*
 * [any] Of the names `name(0)`, `name(1)` ... up to NULL the one that `typed` is nearest to, counted in letters to
 * change, leave out, put in or swap; NULL if it is like none of them.
 */
const char *words_nearest(const char *typed, const char *(*name)(unsigned int index));

/*
 * [any] How many of the names begin with the `length` bytes at `typed`, and how many bytes all these have in common,
 * which stand at `*common`.
 */
unsigned int words_complete(const char *typed, size_t length, const char *(*name)(unsigned int index),
        const char **common, size_t *common_length);

#endif
