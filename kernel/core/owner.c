#include "core/owner.h"

#include "trap.h"

struct question {
	uint64_t address;
	char *text;
	bool known;
};

static void ask(void *context)
{
	struct question *question = context;

	question->known = describer_ask(question->address, question->text);
}

/* A fault takes the describer that was asked out of the list. If it is the list that is damaged, nothing is taken out.
 */
#define TRIES_MAX 8

const char *owner_describe(uint64_t address, const char *otherwise, char text[DESCRIBER_TEXT_MAX])
{
	struct question question = {address, text, false};

	for (unsigned int tries = 0; tries < TRIES_MAX && !trap_try(ask, &question); tries++)
		;
	return question.known ? text : otherwise;
}
