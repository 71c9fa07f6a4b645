#include "time/time.h"

#include "lib/command_line.h"
#include "core/boot_word.h"
#include "core/log.h"
#include "paging.h"
#include "pit.h"
#include "time/boot_time.h"
#include "time/clock.h"
#include "time/clock_sources.h"
#include "time/event_source.h"
#include "time/wall_clock.h"

static void print(const struct clock_source *source, const struct timer_event *event)
{
	char text[WALL_CLOCK_TEXT_MAX];

	log_info("Time: %s (%s %lu MHz, timer: %s)\n", wall_clock_text(text), source->name,
	        (source->hz + 500000) / 1000000, event != NULL ? event->name : "none");
}

void time_start(const struct boot_info *info, const struct acpi_info *acpi)
{
	struct command_line_word wanted = {.value = NULL};
	uint64_t ns, tsc_hz = boot_time_measure(info, &ns);
	const struct timer_event *event;

	pit_stop(); /* its last service as a reference: from here on it would only interrupt */
	command_line_find(paging_direct(info->command_line), "clock", &wanted);
	clock_sources_start(acpi, tsc_hz, ns, wanted.value, wanted.value_length);
	event = event_source_start();
	if (event != NULL)
		timer_use_event(event);
	wall_clock_start(&acpi->fadt, info->notes.rtc_valid);
	print(clock_source(), event);
}

void time_settle(void)
{
	clock_check();
	event_source_settle();
}

BOOT_WORD(clock, "clock=tsc, hpet, pm or pit: which counter tells the time", NULL);
