#include "ledger.h"

#include "lib/string.h"
#include "stamp.h"
#include "verify.h"

#define LEDGER_NAME(number, name) [number] = name,
static const char names[LEDGER_STEP_COUNT][BOOT_STEP_NAME_MAX] = {LEDGER_STEPS(LEDGER_NAME)};

static uint64_t ticks[LEDGER_STEP_COUNT];
static uint64_t last;

/* Not by cpu_tsc(), which looks each time whether there is one. */
static uint64_t read_counter(void)
{
	uint64_t tsc;
	__asm__ volatile("rdtsc" : "=A"(tsc));
	return tsc;
}

static void charge(enum ledger_step step, uint64_t until)
{
	ticks[step] += until - last;
	last = until;
}

/* What comes between two checks is reading; who does something else before he reads ends his step before that, too. */
static void time_check(bool is_over)
{
	ledger_end(is_over ? LEDGER_CHECK : LEDGER_READ);
}

void ledger_begin(void)
{
	struct boot_stamp stamps[BOOT_STAMP_COUNT];
	uint32_t count = stamp_copy(stamps);
	last = stamps[0].tsc;
	for (uint32_t i = 1; i < count; i++)
		charge(stamps[i].event == BOOT_EVENT_HEADER ? LEDGER_HEAD : LEDGER_REST, stamps[i].tsc);
	verify_time_checks(time_check);
}

void ledger_end(enum ledger_step step)
{
	charge(step, read_counter());
}

uint32_t ledger_copy(struct boot_step *to)
{
	uint32_t count = 0;
	for (unsigned i = 0; i < LEDGER_STEP_COUNT; i++) {
		if (!ticks[i])
			continue;
		to[count].ticks = ticks[i];
		memcpy(to[count++].name, names[i], BOOT_STEP_NAME_MAX);
	}
	return count;
}
