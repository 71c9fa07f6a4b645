#include "time/clock_sources.h"

#include "core/log.h"
#include "core/spinlock.h"
#include "hpet.h"
#include "lib/string.h"
#include "mm/region.h"
#include "pit.h"
#include "pm_timer.h"
#include "time/clock.h"
#include "tsc.h"

#define RATING_WANTED 9

/* Its count is latched, then read in two halves: one CPU at a time. An NMI in the middle hears what was read last. */
static uint64_t read_pit(void)
{
	static struct spinlock lock = SPINLOCK(RANK_PIT, "PIT");
	static uint64_t last;
	uint64_t flags;

	if (spin_holds(RANK_PIT))
		return last;
	flags = spin_lock(&lock);
	last = pit_read_clock();
	spin_unlock(&lock, flags);
	return last;
}

/* Fast to read first. The PIT is last of all: with 16 bits, it keeps the machine awake. */
static struct clock_source tsc = {.name = "TSC", .read = tsc_read, .bits = 64, .rating = 4};
static struct clock_source hpet = {.name = "HPET", .read = hpet_read, .bits = HPET_BITS, .rating = 3, .is_exact = true};
static struct clock_source pm_timer = {
        .name = "ACPI timer", .read = pm_timer_read, .bits = PM_TIMER_BITS, .rating = 2, .is_exact = true};
static struct clock_source pit = {.name = "PIT", .read = read_pit, .bits = 16, .rating = 1, .is_exact = true};

static struct clock_source *const sources[] = {&tsc, &hpet, &pm_timer, &pit};
static const char *const words[] = {"tsc", "hpet", "pm", "pit"}; /* of the command line */

const struct clock_source *clock_sources_tsc(void)
{
	return &tsc;
}

const struct clock_source *clock_sources_get(unsigned int n)
{
	return n < sizeof(sources) / sizeof(sources[0]) ? sources[n] : NULL;
}

/* The timer chip and the CPU should agree; if not, the chip is believed, for its rate is the same in every PC. */
static uint64_t choose_tsc_hz(uint64_t by_stamps)
{
	uint64_t by_cpuid = tsc_hz_by_cpuid();

	if (by_stamps == 0 || by_cpuid == 0)
		return by_stamps + by_cpuid;
	if (by_cpuid > by_stamps + by_stamps / 100 || by_cpuid < by_stamps - by_stamps / 100)
		log_warning("Time: the CPU says that its TSC has %lu MHz, the PIT says %lu.\n", by_cpuid / 1000000,
		        by_stamps / 1000000);
	return by_stamps;
}

static void start_hpet(uint64_t address)
{
	void *registers = address != 0 ? region_map_device(address, HPET_SIZE, REGION_UNCACHED, "HPET") : NULL;

	if (registers != NULL)
		hpet.hz = hpet_start(registers);
}

static void prefer(const char *wanted, size_t length)
{
	if (wanted == NULL)
		return;
	for (unsigned int i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (strlen(words[i]) == length && memcmp(words[i], wanted, length) == 0) {
			sources[i]->rating = RATING_WANTED;
			return;
		}
	}
	log_warning("clock=%.*s is not tsc, hpet, pm or pit: the best one is taken.\n", (int)length, wanted);
}

/*
 * The others are started only as far as they are needed: mapping and reading them costs time. One that says its own
 * rate watches over the TSC: the ACPI timer if there is one, it needs no mapping.
 */
void clock_sources_start(const struct acpi_info *acpi, uint64_t tsc_hz, uint64_t ns, const char *wanted, size_t length)
{
	const struct clock_source *reference = NULL;

	prefer(wanted, length);
	tsc.hz = choose_tsc_hz(tsc_hz);
	if (pm_timer_start(acpi->fadt.pm_timer.port))
		pm_timer.hz = PM_TIMER_HZ;
	if (pm_timer.hz == 0 || tsc.hz == 0 || hpet.rating == RATING_WANTED)
		start_hpet(acpi->hpet.address);
	if ((tsc.hz == 0 && pm_timer.hz == 0 && hpet.hz == 0) || pit.rating == RATING_WANTED) {
		pit_start_clock();
		pit.hz = PIT_HZ;
	}
	if (pm_timer.hz != 0)
		reference = &pm_timer;
	else if (hpet.hz != 0)
		reference = &hpet;
	clock_start(sources, sizeof(sources) / sizeof(sources[0]), reference, ns);
}
