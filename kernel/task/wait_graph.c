#include "task/wait_graph.h"

#include "core/log.h"
#include "lib/format.h"

#define STEPS_MAX 200 /* so many futures are looked at, then the search gives up */

static bool is_async(const struct future *future)
{
	return future->type->waits == NULL;
}

const struct future *wait_graph_place(struct task *task)
{
	const struct future *future = task_future(task);

	while (future_is_pending(future) && is_async(future) && is_async(future->child) &&
	        future_is_pending(future->child))
		future = future->child;
	return future;
}

/* ---- in words ---- */

struct text {
	char *at;
	size_t room;
};

static void add(struct text *text, const char *before, const char *word, const char *after)
{
	size_t length = format_string(text->at, text->room, "%s%s%s", before, word, after);

	if (length >= text->room)
		length = text->room - 1;
	text->at += length;
	text->room -= length;
}

static void add_name(struct text *text, const struct future *future)
{
	char line[16];

	format_string(line, sizeof(line), ":%u ", future->line);
	add(text, future->type->name, future_is_pending(future) ? line : "", "");
}

static void add_owner(struct text *text, const struct waker *owner)
{
	struct task *task = owner != NULL ? task_of((struct waker *)owner) : NULL;

	if (task != NULL)
		add(text, " of ", task_future(task)->type->name, "");
}

/* How deep selects, joins and timeouts stand in each other is the source's; a frame that was overwritten has no end. */
static void add_waits(struct text *text, const struct future *future, unsigned int depth)
{
	struct wait wait;

	if (is_async(future) || depth == 0) {
		add_name(text, future);
		if (future_is_pending(future) && depth > 0)
			add_waits(text, future->child, depth - 1);
		return;
	}
	for (unsigned int i = 0; future->type->waits(future, i, &wait); i++) {
		if (i > 0)
			add(text, wait.is_choice ? " or " : " and ", "", "");
		if (wait.child != NULL) {
			add_waits(text, wait.child, depth - 1);
			continue;
		}
		add(text, wait.what, wait.name != NULL ? " " : "", wait.name != NULL ? wait.name : "");
		add_owner(text, wait.owner);
	}
}

const char *wait_graph_describe(struct task *task, char text[WAIT_TEXT_MAX])
{
	const struct future *place = wait_graph_place(task);
	struct text all = {text, WAIT_TEXT_MAX};

	text[0] = '\0';
	if (future_is_pending(place))
		add_waits(&all, is_async(place) ? place->child : place, 8);
	return text;
}

/* ---- what is owed ---- */

/* Who has a choice is not held up by one of the things he waits for. */
static bool is_owed(const struct future *future, struct wait *wait, unsigned int steps)
{
	while (steps > 0 && future_is_pending(future) && is_async(future)) {
		future = future->child;
		steps--;
	}
	if (steps == 0 || !future_is_pending(future))
		return false;
	for (unsigned int i = 0; future->type->waits(future, i, wait) && !wait->is_choice; i++) {
		if (wait->child != NULL ? is_owed(wait->child, wait, steps - 1) : wait->is_owed)
			return true;
	}
	return false;
}

bool wait_graph_is_owed(const struct future *future, struct wait *wait)
{
	return is_owed(future, wait, WAIT_CIRCLE_MAX);
}

/* ---- circles ---- */

struct search {
	struct task **circle; /* from the first to where we are */
	unsigned int length, steps;
};

static bool leads_back(struct search *search, const struct future *future);

static bool owner_leads_back(struct search *search, const struct waker *owner)
{
	struct task *task = owner != NULL ? task_of((struct waker *)owner) : NULL;

	if (task == search->circle[0])
		return true;
	if (task == NULL || task->waker.home != search->circle[0]->waker.home || search->length == WAIT_CIRCLE_MAX)
		return false;
	search->circle[search->length++] = task;
	if (leads_back(search, task_future(task)))
		return true;
	search->length--;
	return false;
}

static bool leads_back(struct search *search, const struct future *future)
{
	struct wait wait;

	if (!future_is_pending(future) || search->steps == 0)
		return false;
	search->steps--;
	if (is_async(future))
		return leads_back(search, future->child);
	for (unsigned int i = 0; future->type->waits(future, i, &wait); i++) {
		if (wait.is_choice)
			continue;
		if (wait.child != NULL ? leads_back(search, wait.child) : owner_leads_back(search, wait.owner))
			return true;
	}
	return false;
}

unsigned int wait_graph_find_circle(struct task *task, struct task *circle[WAIT_CIRCLE_MAX])
{
	struct search search = {.circle = circle, .length = 1, .steps = STEPS_MAX};

	circle[0] = task;
	return leads_back(&search, task_future(task)) ? search.length : 0;
}

void wait_graph_check(struct task *task)
{
	struct task *circle[WAIT_CIRCLE_MAX];
	unsigned int length = wait_graph_find_circle(task, circle);
	char text[WAIT_TEXT_MAX];

	if (length == 0)
		return;
	log_error("Deadlock: %u task%s in a circle, none of which can go on:\n", length, length > 1 ? "s" : "");
	for (unsigned int i = 0; i < length; i++) {
		const struct future *place = wait_graph_place(circle[i]);

		log_error("  %s, at %s:%u, waits for %s\n", task_future(circle[i])->type->name, place->type->file,
		        place->line, wait_graph_describe(circle[i], text));
	}
}
