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

/* Every fault takes one describer out of the list, so this ends. */
const char *owner_describe(uint64_t address, const char *otherwise, char text[DESCRIBER_TEXT_MAX])
{
	struct question question = {address, text, false};

	while (!trap_try(ask, &question))
		;
	return question.known ? text : otherwise;
}
