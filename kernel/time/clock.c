#include "time/clock.h"

#include <stddef.h>

#include "core/log.h"
#include "core/seqlock.h"
#include "core/spinlock.h"
#include "cpu.h"
#include "percpu.h"

/* No step is that long (36 years): the counter has gone back. */
#define STEP_MAX_NS (1ull << 60)

/* Between two checks: a hundred milliseconds, or so many calls in case the clock stands still. */
#define CHECK_NS    (NS_PER_SECOND / 10)
#define CHECK_CALLS 16

/* A clock that is off by more than one part in this, and by a millisecond, has jumped or stopped. */
#define SLACK_PARTS 1024
#define SLACK_NS    1000000

/* A rate counts if it is known to one part in this; and the next one if it is so many times better. */
#define PRECISION_MIN   4096
#define PRECISION_STEP  4
#define MEASURE_NS_LONG (64 * NS_PER_SECOND) /* after that, measuring begins anew: the reference may lose a round */

/* The clock: at `ticks` of its source it was `ns`. */
struct line {
	const struct clock_source *source;
	uint64_t ticks, ns, scale;
};

static SEQLOCK(struct line) current; /* so that nobody ever waits for the time, not even an NMI amid a change */

/* What this CPU was told last: it never hears less. Each CPU has its own, so that reading the clock shares nothing. */
static PERCPU(uint64_t, last_told);

static uint64_t wall_offset; /* clock_wall() - clock_monotonic_ns(); 0: not known */

/* The clock and the reference, read together. */
struct pair {
	uint64_t clock, reference; /* ticks */
	uint64_t width;            /* ticks of the clock that passed while the reference was read */
	uint64_t ns;
};

/* Everything below is guarded by this lock; it is needed to change `current`, too. */
static struct spinlock lock = SPINLOCK(RANK_TIMERS, "clock");
static struct {
	struct clock_source *const *sources;
	unsigned int count;
	const struct clock_source *reference; /* NULL: nothing to check the clock with */
	struct pair first;                    /* since when the rate is measured */
	struct pair last;
	uint64_t precision; /* of the rate: one part in this; 0: not measured here yet */
	unsigned int calls; /* since the last check */
} watch;

static struct line read_line(void)
{
	return seqlock_read(&current);
}

static uint64_t step_to(const struct line *line, uint64_t ticks)
{
	return clock_to_ns(clock_source_between(line->source, line->ticks, ticks), line->scale);
}

/* The time when the source showed `ticks`. */
static uint64_t ns_at(const struct line *line, uint64_t ticks)
{
	uint64_t step = step_to(line, ticks);

	return line->ns + (step > STEP_MAX_NS ? 0 : step);
}

uint64_t clock_monotonic_ns(void)
{
	uint64_t flags = cpu_interrupts_save(), now = 0;
	uint64_t *told = percpu(last_told);
	struct line line = read_line();

	if (line.source != NULL)
		now = ns_at(&line, line.source->read());
	if (now < *told)
		now = *told;
	*told = now;
	cpu_interrupts_restore(flags);
	return now;
}

uint64_t clock_wall(void)
{
	uint64_t offset = __atomic_load_n(&wall_offset, __ATOMIC_RELAXED);

	return offset != 0 ? offset + clock_monotonic_ns() : 0;
}

void clock_set_wall(uint64_t ns)
{
	__atomic_store_n(&wall_offset, ns - clock_monotonic_ns(), __ATOMIC_RELAXED);
}

const struct clock_source *clock_source(void)
{
	return read_line().source;
}

uint64_t clock_patience_ns(void)
{
	const struct clock_source *source = clock_source();

	return source != NULL ? clock_source_patience_ns(source) : UINT64_MAX;
}

/* The narrower of two tries: what comes between two readings (the host of an emulator, say) does not come every time.
 */
static struct pair read_pair(const struct line *line)
{
	struct pair best = {.width = UINT64_MAX};

	for (int i = 0; i < 2; i++) {
		uint64_t before = line->source->read(), reference = watch.reference->read();
		uint64_t width = clock_source_between(line->source, before, line->source->read());

		if (width < best.width)
			best = (struct pair){before, reference, width, ns_at(line, before)};
	}
	return best;
}

/* From now on the time goes on from `ns` with this source, at its present rate. */
static struct line change_line(const struct clock_source *source, uint64_t ticks, uint64_t ns)
{
	struct line line = {source, ticks, ns, clock_scale(source->hz)};

	seqlock_write(&current, &line);
	return line;
}

/* Measuring begins: a rate that comes from the source itself needs none, and the reference cannot check itself. */
static void begin_watch(const struct line *line)
{
	watch.precision = line->source->is_exact ? UINT64_MAX : 0;
	if (line->source == watch.reference)
		watch.reference = NULL;
	if (watch.reference != NULL)
		watch.first = watch.last = read_pair(line);
}

static struct clock_source *best_source(void)
{
	struct clock_source *best = NULL;

	for (unsigned int i = 0; i < watch.count; i++) {
		struct clock_source *s = watch.sources[i];

		if (s != NULL && s->hz != 0 && !s->given_up && (best == NULL || s->rating > best->rating))
			best = s;
	}
	return best;
}

static void use(struct clock_source *source, uint64_t ns)
{
	struct line line = change_line(source, source->read(), ns);

	begin_watch(&line);
}

void clock_start(
        struct clock_source *const *sources, unsigned int count, const struct clock_source *reference, uint64_t ns)
{
	uint64_t flags = spin_lock(&lock);
	struct clock_source *best;

	watch.sources = sources;
	watch.count = count;
	watch.reference = reference;
	best = best_source();
	if (best != NULL)
		use(best, ns);
	spin_unlock(&lock, flags);
}

/* What the reference should have counted from one pair to the other, less what it did; modulo its rounds. */
static int64_t ticks_missing(const struct clock_source *source, const struct pair *from, const struct pair *to)
{
	uint64_t passed = clock_source_between(source, from->clock, to->clock);
	uint64_t expected = clock_proportion(passed, watch.reference->hz, source->hz);

	return clock_source_ahead(watch.reference, expected, to->reference - from->reference);
}

/*
 * Did the clock jump, or stop, since the last pair? After a long time nobody can tell: the slack is more than the half
 * round of the reference that can be missing at most.
 */
static bool is_wrong(const struct line *line, const struct pair *now)
{
	const struct clock_source *ref = watch.reference;
	uint64_t ns = clock_to_ns(clock_source_between(line->source, watch.last.clock, now->clock), line->scale);
	uint64_t slack = ns / SLACK_PARTS + SLACK_NS + clock_to_ns(watch.last.width + now->width, line->scale);
	int64_t missing = ticks_missing(line->source, &watch.last, now);

	if (ns > STEP_MAX_NS)
		return true;
	return clock_to_ns((uint64_t)(missing < 0 ? -missing : missing), clock_scale(ref->hz)) > slack;
}

/* The clock's rate, from the first pair to this one, if that is now known better than before. */
static void measure(struct clock_source *source, const struct line *line, const struct pair *now)
{
	uint64_t passed = clock_source_between(source, watch.first.clock, now->clock);
	uint64_t blur = watch.first.width + now->width + 2 * source->hz / watch.reference->hz + 1;
	uint64_t precision = passed / blur, counted;

	if (clock_to_ns(passed, line->scale) > MEASURE_NS_LONG) {
		watch.first = *now;
		return;
	}
	if (precision < PRECISION_MIN || precision / PRECISION_STEP < watch.precision)
		return;
	counted = clock_proportion(passed, watch.reference->hz, source->hz);
	counted -= (uint64_t)ticks_missing(source, &watch.first, now);
	if (counted == 0)
		return;
	source->hz = clock_proportion(passed, watch.reference->hz, counted);
	watch.precision = precision;
	change_line(source, now->clock, now->ns);
}

/* The next best takes over: from the right time, unless more was told already. */
static const struct clock_source *give_up(struct clock_source *source, const struct pair *now)
{
	uint64_t passed = clock_source_between(watch.reference, watch.last.reference, now->reference);
	uint64_t ns = watch.last.ns + clock_to_ns(passed, clock_scale(watch.reference->hz));
	struct clock_source *next;

	source->given_up = true;
	next = best_source();
	if (next == NULL) {
		watch.reference = NULL; /* nothing better: it stays */
		return source;
	}
	use(next, ns > *percpu(last_told) ? ns : *percpu(last_told));
	return next;
}

/*
 * Is a check due? It is at once if the clock has gone back. A source that wraps also gets a new beginning when half its
 * patience is over.
 */
static bool is_due(struct line *line)
{
	uint64_t ticks = line->source->read(), ns = ns_at(line, ticks);
	uint64_t wait = clock_source_patience_ns(line->source) / 2;
	bool went_back = ns < watch.last.ns || step_to(line, ticks) > STEP_MAX_NS;

	if (ns - line->ns >= wait)
		*line = change_line(line->source, ticks, ns);
	if (watch.reference == NULL)
		return false;
	if (wait > CHECK_NS)
		wait = CHECK_NS;
	if (watch.precision != 0 && !went_back && ns - watch.last.ns < wait && ++watch.calls < CHECK_CALLS)
		return false;
	watch.calls = 0;
	return true;
}

static struct clock_source *own(const struct clock_source *source)
{
	for (unsigned int i = 0; i < watch.count; i++) {
		if (watch.sources[i] == source)
			return watch.sources[i];
	}
	return NULL;
}

void clock_check(void)
{
	uint64_t flags = spin_lock(&lock);
	struct line line = read_line();
	struct clock_source *source = own(line.source);
	const struct clock_source *now_used = source;

	if (source != NULL && is_due(&line)) {
		struct pair now = read_pair(&line);

		if (watch.precision != 0 && is_wrong(&line, &now))
			now_used = give_up(source, &now);
		else
			measure(source, &line, &now);
		if (now_used == source)
			watch.last = now;
	}
	spin_unlock(&lock, flags);
	if (source != NULL && source->given_up)
		log_warning("Time: %s jumped or stood still; the clock is %s.\n", source->name,
		        now_used != source ? now_used->name : "none the better for it, there is no other");
}

void clock_distrust(const struct clock_source *source)
{
	uint64_t flags = spin_lock(&lock);
	struct line line = read_line();

	if (line.source == source && watch.reference != NULL) {
		struct pair now = read_pair(&line);

		give_up(own(source), &now);
	}
	spin_unlock(&lock, flags);
}
