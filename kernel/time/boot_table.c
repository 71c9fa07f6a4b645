#include "time/boot_table.h"

#include <stddef.h>

#include "core/boot_ledger.h"
#include "paging.h"
#include "time/clock_sources.h"

/* A line has 79 columns: a 80th would make some terminals begin a new one. */
#define NAME_WIDTH 24
#define BAR_WIDTH  29u

struct table {
	struct command_output *output;
	uint64_t hz;      /* 0: not known */
	uint64_t longest; /* step: its bar is the whole width */
};

/* In halves of a column, to the nearest. */
static unsigned int bar_length(uint64_t ticks, uint64_t longest)
{
	return longest == 0 ? 0 : (unsigned int)((ticks * 2 * BAR_WIDTH + longest / 2) / longest);
}

static void print_numbers(const struct table *t, const char *name, int name_length, uint64_t ticks)
{
	command_print(t->output, "%-*.*s %12lu", NAME_WIDTH, name_length, name, ticks);
	if (t->hz != 0) {
		uint64_t us = ticks * 1000 / (t->hz / 1000);

		command_print(t->output, " %6lu.%03lu", us / 1000, us % 1000);
	}
}

static void print_total(const struct table *t, const char *name, uint64_t ticks)
{
	print_numbers(t, name, NAME_WIDTH, ticks);
	command_print(t->output, "\n");
}

static void print_step(const struct table *t, const char *name, int name_length, uint64_t ticks)
{
	unsigned int halves = bar_length(ticks, t->longest);

	print_numbers(t, name, name_length, ticks);
	for (unsigned int i = 0; i < halves; i += 2)
		command_print(t->output, "%s%s", i == 0 ? " " : "", i + 1 < halves ? "█" : "▌");
	command_print(t->output, "\n");
}

static int name_length(const char *name)
{
	int length = 0;

	while (length < NAME_WIDTH && name[length] != '\0' && name[length] != '(')
		length++;
	return length;
}

static void print_loader(const struct table *t, const struct boot_step *steps, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		print_step(t, steps[i].name, NAME_WIDTH, steps[i].ticks);
}

static void print_kernel(const struct table *t, uint64_t since)
{
	for (const struct boot_ledger_step *s = boot_ledger_first(); s != NULL; s = s->next) {
		print_step(t, s->name, name_length(s->name), s->tsc - since);
		since = s->tsc;
	}
}

static uint64_t longer(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void boot_table_print(struct command_output *output, const struct boot_info *info)
{
	const struct boot_step *steps = paging_direct(info->steps);
	struct table t = {.output = output, .hz = clock_sources_tsc()->hz};
	uint64_t loader = 0, entry, now;

	for (unsigned int i = 0; i < info->step_count; i++) {
		loader += steps[i].ticks;
		t.longest = longer(t.longest, steps[i].ticks);
	}
	now = entry = info->stamps[0].tsc + loader;
	for (const struct boot_ledger_step *s = boot_ledger_first(); s != NULL; s = s->next) {
		t.longest = longer(t.longest, s->tsc - now);
		now = s->tsc;
	}
	command_print(output, "%-*s %12s", NAME_WIDTH, "step", "TSC ticks");
	command_print(output, t.hz != 0 ? "         ms\n" : "   (the counter's rate is not known)\n");
	print_loader(&t, steps, info->step_count);
	print_total(&t, "= loader", loader);
	print_kernel(&t, entry);
	print_total(&t, "= kernel", now - entry);
	print_total(&t, "= all, to the prompt", now - info->stamps[0].tsc);
}
