#include "core/describer.h"

static struct describer *describers;

void describer_add(struct describer *describer)
{
	describer->next = describers;
	describers = describer;
}

/* Each is taken out of the list while it is asked: should it fault, the next report goes on without it. */
bool describer_ask(uint64_t address, char text[DESCRIBER_TEXT_MAX])
{
	for (struct describer **link = &describers; *link != NULL; link = &(*link)->next) {
		struct describer *asked = *link;
		bool known;

		*link = asked->next;
		known = asked->describe(address, text, DESCRIBER_TEXT_MAX);
		asked->next = *link;
		*link = asked;
		if (known)
			return true;
	}
	return false;
}
