/*
 * schedules=FIRST,COUNT runs the same work in as many orders, those of the seeds from FIRST on, and says what each came
 * to; of one alone, schedules=FIRST,1, also who did what. schedules=FIRST,COUNT,bug does so with a lock left out, which
 * must be found. Each begins with as much in every cache of the kernel as all others, and has to leave every count of
 * objects as it was.
 */
#include "abi/errno.h"
#include "core/boot_word.h"
#include "core/log.h"
#include "core/panic.h"
#include "hunger.h"
#include "lib/string.h"
#include "machine_end.h"
#include "object_counts.h"
#include "preempt.h"
#include "task/channel.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/schedule_seed.h"
#include "task/scheduler.h"

#define ROUNDS    8
#define FEASTS    4
#define NOTES_MAX 256

static struct mutex table = MUTEX("table");
static struct semaphore turn = SEMAPHORE("turn", 0), back = SEMAPHORE("back", 0), never = SEMAPHORE("never", 0);
static CHANNEL(parcels, 2);

static bool has_bug;
static volatile unsigned int sum;
static uint64_t refused; /* calls for memory, in all schedules */

/* Who did what. It is said when all is over: to say it at once would be more places where threads are made to wait. */
static struct note {
	char who[THREAD_NAME_MAX];
	const char *what;
	uintptr_t number;
} notes[NOTES_MAX];
static unsigned int note_count;

static void note(const char *what, uintptr_t number)
{
	struct note *one = &notes[note_count];

	if (note_count == NOTES_MAX)
		return;
	note_count++;
	memcpy(one->who, thread_current()->name, THREAD_NAME_MAX);
	one->what = what;
	one->number = number;
}

static void say_notes(void)
{
	for (unsigned int i = 0; i < note_count; i++)
		log_info("  %-9s %s %lu\n", notes[i].who, notes[i].what, notes[i].number);
}

/* A place where a thread may be made to wait. */
static void pause(void)
{
	preempt_disable();
	preempt_enable();
}

static void add_one(void)
{
	unsigned int before = sum;

	pause();
	sum = before + 1;
	note("has added, which makes", sum);
}

static intptr_t add(void *argument)
{
	struct mutex_lock lock;

	(void)argument;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		if (!has_bug)
			block_on(mutex_lock(&lock, &table));
		add_one();
		if (!has_bug)
			mutex_unlock(&table);
	}
	return 0;
}

static intptr_t send(void *argument)
{
	struct channel_send send;

	for (uintptr_t i = 0; i < ROUNDS; i++) {
		block_on(channel_send(&send, &parcels, (uintptr_t)argument << 8 | i));
		note("has sent parcel", i);
	}
	return 0;
}

/* Those of each sender come in order. */
static intptr_t receive(void *argument)
{
	struct channel_recv receive;
	uintptr_t next[2] = {0};

	(void)argument;
	for (unsigned int i = 0; i < 2 * ROUNDS; i++) {
		uintptr_t parcel = (uintptr_t)block_on(channel_recv(&receive, &parcels));

		if ((parcel & 0xff) != next[parcel >> 8]++)
			return -1;
		note(parcel >> 8 == 0 ? "has, from send 0, parcel" : "has, from send 1, parcel", parcel & 0xff);
	}
	return 0;
}

static intptr_t serve(void *argument)
{
	struct semaphore_acquire acquire;

	(void)argument;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		block_on(semaphore_acquire(&acquire, &turn));
		note("returns ball", i);
		semaphore_release(&back);
	}
	return 0;
}

static intptr_t play(void *argument)
{
	struct semaphore_acquire acquire;

	(void)argument;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		note("plays ball", i);
		semaphore_release(&turn);
		block_on(semaphore_acquire(&acquire, &back));
	}
	return 0;
}

static intptr_t wait_for_ever(void *argument)
{
	struct semaphore_acquire acquire;

	(void)argument;
	return block_on(semaphore_acquire(&acquire, &never));
}

/* It is killed before it begins, while it waits, or while it is on its way to. */
static intptr_t hunt(void *argument)
{
	struct thread *prey = thread_create(.name = "prey", .run = wait_for_ever);
	uint32_t pauses = schedule_seed_roll(8);
	struct thread_join join;

	(void)argument;
	if (prey == NULL)
		return -1;
	for (uint32_t i = 0; i < pauses; i++)
		pause();
	note("kills its prey after pauses:", pauses);
	thread_kill(prey, thread_generation(prey));
	return block_on(thread_join(&join, prey)) == -EINTR ? 0 : -1;
}

static struct hunger hunger;

static const struct {
	const char *name;
	intptr_t (*run)(void *argument);
	uintptr_t argument;
} workers[] = {
        {"add 0", add, 0},
        {"add 1", add, 0},
        {"add 2", add, 0},
        {"send 0", send, 0},
        {"send 1", send, 1},
        {"receive", receive, 0},
        {"serve", serve, 0},
        {"play", play, 0},
        {"hunt", hunt, 0},
        {"host", hunger_run, (uintptr_t)&hunger},
};

#define ADDERS 3

/* True if all of them did what they have to. */
static bool run_workers(void)
{
	struct thread *threads[sizeof(workers) / sizeof(workers[0])];
	struct thread_join join;
	bool is_right = true;

	for (unsigned int i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
		threads[i] = thread_create(.name = workers[i].name, .run = workers[i].run,
		        .argument = (void *)workers[i].argument);
		if (threads[i] == NULL)
			panic("There is no memory for a thread.");
	}
	for (unsigned int i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
		is_right &= block_on(thread_join(&join, threads[i])) == 0;
	return is_right;
}

/* True if all went well. */
static bool run_schedule(uint64_t seed)
{
	bool is_right;

	sum = note_count = 0;
	hunger = (struct hunger){.dice = seed, .feasts = FEASTS};
	hunger_begin();
	schedule_seed_use(seed);
	is_right = run_workers();
	schedule_seed_end();
	hunger_end();
	refused += hunger.refused;
	return is_right && sum == ADDERS * ROUNDS && never.waiting.first == NULL;
}

static uint64_t number(const char **text, const char *end)
{
	uint64_t value = 0;

	for (; *text < end && **text >= '0' && **text <= '9'; (*text)++)
		value = value * 10 + (uint64_t)(**text - '0');
	if (*text < end)
		(*text)++; /* the comma */
	return value;
}

static void wait_a_little(void) {}

/* True if all went well and nothing was lost. The word that repeats it is said if not. */
static bool run_and_say(uint64_t seed, const struct object_counts *before)
{
	bool is_right = run_schedule(seed);

	is_right &= object_counts_come_back(before, wait_a_little);
	if (!is_right)
		log_error("FAILED: schedules=%lu,1%s\n", seed, has_bug ? ",bug" : "");
	log_info("schedule %lu: %08x of %lu\n", seed, schedule_seed.check, schedule_seed.rolled);
	return is_right;
}

static void run_schedules(const struct boot_info *info, const char *value, size_t value_length)
{
	const char *end = value + value_length;
	uint64_t first = number(&value, end), count = number(&value, end), wrong = 0, rolled = 0;
	struct object_counts before;

	(void)info;
	panic_set_end(machine_end_failed);
	has_bug = value < end;
	object_counts_prepare();
	before = object_counts_take();
	for (uint64_t seed = first; seed < first + count; seed++) {
		wrong += !run_and_say(seed, &before);
		rolled += schedule_seed.rolled;
	}
	if (count == 1)
		say_notes();
	log_info("schedules: %lu, of %lu dice, %lu wrong, memory refused %lu times\n", count, rolled, wrong, refused);
	log_drain();
	machine_end(wrong == 0);
}

BOOT_WORD(schedules, "schedules=SEED,COUNT: the same work in as many orders; schedules=SEED,COUNT,bug: without a lock",
        run_schedules);
