/*
 * The terminal that shows the log answers to those who ask it something.
 */
#include "kernel_test.h"

#include <stddef.h>

#include "core/log.h"
#include "dev/display.h"
#include "dev/input.h"
#include "lib/string.h"
#include "task/channel.h"

#define ANSWER_MAX 16u

/* What it answers, as it would be typed; false if that is nothing. */
static bool ask(const char *question, char answer[ANSWER_MAX])
{
	size_t length = 0;
	uint64_t item;

	while (channel_try_recv(&input_events, &item))
		; /* older keys */
	log_write(question, strlen(question));
	while (channel_try_recv(&input_events, &item) && length < ANSWER_MAX - 1) {
		if (input_event(item).action == INPUT_PRESS)
			answer[length++] = (char)input_event(item).unicode;
	}
	answer[length] = '\0';
	return length > 0;
}

KERNEL_TEST(console_answers)
{
	char answer[ANSWER_MAX];

	if (display_first() == NULL)
		SKIP("there is no screen");
	EXPECT(ask("\033[5n", answer) && strcmp(answer, "\033[0n") == 0);
	EXPECT(ask("\0337\033[3;7H\033[6n\0338", answer) && strcmp(answer, "\033[3;7R") == 0);
	EXPECT(!ask("\033[m", answer));
}
