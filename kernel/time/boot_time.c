#include "time/boot_time.h"

#include <stdbool.h>

#include "core/log.h"
#include "cpu.h"
#include "pit.h"

#define PIT_PERIOD 65536u /* ticks: the firmware leaves the largest count, 55 ms */

/* Status byte of the 8254. */
#define STATUS_MODE(status) ((status) >> 1 & 3) /* modes 6 and 7 are 2 and 3 */
#define STATUS_OUTPUT       0x80
#define MODE_RATE           2
#define MODE_SQUARE         3

#define HOP_TICKS_MIN   32u   /* fewer say nothing about the frequency */
#define TOTAL_TICKS_MIN 1193u /* 1 ms: less is too coarse to divide by */
#define HZ_MIN          1000000ull
#define HZ_MAX          60000000000ull

static uint64_t measured_hz; /* of the time-stamp counter; 0: not known */

/* How far into its period the timer was, in ticks. In mode 3 the count falls by 2, twice per period. */
static unsigned int position(const struct boot_stamp *stamp)
{
	unsigned int fallen = PIT_PERIOD - (stamp->pit_count == 0 ? PIT_PERIOD : stamp->pit_count);

	if (STATUS_MODE(stamp->pit_status) != MODE_SQUARE)
		return fallen;
	return fallen / 2 + (stamp->pit_status & STATUS_OUTPUT ? 0 : PIT_PERIOD / 2);
}

/* From one stamp to the next, less whole periods. */
static unsigned int hop_ticks(const struct boot_stamp *from)
{
	return (position(from + 1) - position(from)) % PIT_PERIOD;
}

static uint64_t hop_tsc(const struct boot_stamp *from)
{
	return from[1].tsc - from[0].tsc;
}

static bool is_readable(const struct boot_stamp *stamps, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		unsigned int mode = STATUS_MODE(stamps[i].pit_status);

		if (mode != MODE_RATE && mode != MODE_SQUARE)
			return false;
		if (i > 0 && stamps[i].tsc <= stamps[i - 1].tsc)
			return false;
	}
	return count >= 2;
}

/* A hop that lost whole periods looks too fast, never too slow: so the slowest hop is right, if only roughly. */
static uint64_t rough_hz(const struct boot_stamp *stamps, unsigned int count)
{
	uint64_t slowest = 0;

	for (unsigned int i = 0; i + 1 < count; i++) {
		unsigned int ticks = hop_ticks(&stamps[i]);
		uint64_t hz;

		if (ticks < HOP_TICKS_MIN)
			continue;
		hz = hop_tsc(&stamps[i]) * PIT_HZ / ticks;
		if (slowest == 0 || hz < slowest)
			slowest = hz;
	}
	return slowest;
}

uint64_t boot_time_tsc_hz(const struct boot_stamp *stamps, unsigned int count)
{
	uint64_t rough, total = 0, hz;

	if (!is_readable(stamps, count))
		return 0;
	rough = rough_hz(stamps, count);
	if (rough < HZ_MIN || rough > HZ_MAX)
		return 0;
	for (unsigned int i = 0; i + 1 < count; i++) {
		uint64_t ticks = hop_ticks(&stamps[i]);
		uint64_t expected = hop_tsc(&stamps[i]) * PIT_HZ / rough;

		/* Give back the whole periods, to the nearest. */
		if (expected > ticks)
			ticks += (expected - ticks + PIT_PERIOD / 2) / PIT_PERIOD * PIT_PERIOD;
		total += ticks;
	}
	if (total < TOTAL_TICKS_MIN)
		return 0;
	hz = (stamps[count - 1].tsc - stamps[0].tsc) * PIT_HZ / total;
	return hz < HZ_MIN || hz > HZ_MAX ? 0 : hz;
}

static const char *event_name(uint8_t event)
{
	switch (event) {
	case BOOT_EVENT_LOADED:
		return "loader";
	case BOOT_EVENT_MEMORY:
		return "memory";
	case BOOT_EVENT_KERNEL:
		return "kernel";
	case BOOT_EVENT_HAND_OVER:
		return "entry";
	default:
		return "event";
	}
}

/* Milliseconds, and tenths below a second: the line fits the screen also when the menu waited for a person. */
static void print_ms(const char *before, uint64_t ticks, uint64_t hz)
{
	uint64_t tenths = ticks * 10000 / hz;

	if (tenths < 10000)
		log_info("%s %lu.%lu", before, tenths / 10, tenths % 10);
	else
		log_info("%s %lu", before, tenths / 10);
}

static unsigned int stamp_count(const struct boot_info *info)
{
	return info->stamp_count < BOOT_STAMP_COUNT ? info->stamp_count : BOOT_STAMP_COUNT;
}

uint64_t boot_time_measure(const struct boot_info *info, uint64_t *ns)
{
	struct boot_stamp stamps[BOOT_STAMP_COUNT + 1];
	unsigned int count = stamp_count(info);

	for (unsigned int i = 0; i < count; i++)
		stamps[i] = info->stamps[i];
	pit_stamp(&stamps[count++]);
	measured_hz = boot_time_tsc_hz(stamps, count);
	*ns = measured_hz != 0 ? (stamps[count - 1].tsc - stamps[0].tsc) * 1000 / (measured_hz / 1000000) : 0;
	return measured_hz;
}

void boot_time_print(const struct boot_info *info)
{
	const struct boot_stamp *stamps = info->stamps;

	if (measured_hz == 0) {
		log_info("Boot: the timer saw too little time, or makes no sense; no times.\n");
		return;
	}
	print_ms("Boot:", cpu_read_tsc() - stamps[0].tsc, measured_hz);
	log_info(" ms (");
	for (unsigned int i = 1; i < stamp_count(info); i++) {
		if (stamps[i].event == BOOT_EVENT_HEADER) /* the line has 80 columns; the boot ledger has this, too */
			continue;
		print_ms(event_name(stamps[i].event), stamps[i].tsc - stamps[0].tsc, measured_hz);
		log_info(", ");
	}
	log_info("%lu MHz)\n", (measured_hz + 500000) / 1000000);
}
