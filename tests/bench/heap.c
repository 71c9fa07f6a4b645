/*
 * The kernel's heap, built for the host, beside a first-fit list and glibc's malloc: operations per second and peak
 * memory on the same traces. Each run has a process of its own.
 *
 * The host has no interrupts to turn off, which in the kernel costs each operation six instructions more.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "first_fit.h"
#include "host_machine.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "trace.h"

#define RUNS   7
#define MEMORY GIB(1)
#define PAGE   4096u

/* The heap says nothing here. */
void log_print(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

static void start_heap(void)
{
	static const struct boot_memory_range ram = {MIB(1), MEMORY, BOOT_MEMORY_USABLE, 0};

	host_machine_start(&ram, 1);
	frames_start(&host_info);
	heap_start();
}

static void start_first_fit(void)
{
	first_fit_start(
	        mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), MEMORY);
}

/* Keeps the memory that it once had. */
static void start_malloc(void)
{
	mallopt(M_TRIM_THRESHOLD, (int)GIB(1));
}

/* Memory of this process that is there. */
static double resident(void)
{
	long size = 0, pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2)
		abort();
	fclose(file);
	return (double)pages * PAGE;
}

/* The frames that nobody else can have, with the database's. (Those that are there are more: a freed one is not always
 * the next to be given out.) */
static double frames_held(void)
{
	struct frames_count count = frames_count();

	return (double)(count.total - count.free) * PAGE;
}

static const struct allocator {
	const char *name;
	void (*start)(void);
	void *(*allocate)(size_t size);
	void (*free)(void *block);
	double (*memory)(void); /* in use now */
} allocators[] = {
        {"heap", start_heap, kmalloc, kfree, frames_held},
        {"glibc", start_malloc, malloc, free, resident},
        {"first fit", start_first_fit, first_fit_allocate, first_fit_free, resident},
};

enum { HEAP, GLIBC, FIRST_FIT, ALLOCATORS };

struct figures {
	double rate; /* operations per second */
	double peak; /* bytes */
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* As its user would: the first bytes, the last, and something of each page. */
static void use(char *block, size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		block[i] = 1;
	block[size - 1] = 1;
}

static void run_steps(
        const struct allocator *allocator, const struct trace *trace, size_t from, size_t to, char **slots)
{
	for (size_t i = from; i < to; i++) {
		struct step step = trace->steps[i];
		char **slot = &slots[step.slot];

		if (*slot != NULL) {
			allocator->free(*slot);
			*slot = NULL;
			continue;
		}
		*slot = allocator->allocate(step.size);
		if (*slot == NULL)
			abort();
		use(*slot, step.size);
	}
}

static char **make_slots(const struct trace *trace)
{
	size_t size = trace->slots * sizeof(char *);
	char **slots = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (slots == MAP_FAILED)
		abort();
	return slots;
}

static void free_all(const struct allocator *allocator, const struct trace *trace, char **slots)
{
	for (uint32_t i = 0; i < trace->slots; i++) {
		if (slots[i] != NULL)
			allocator->free(slots[i]);
		slots[i] = NULL;
	}
}

/* The first time is for the host to give its memory, page by page; the second counts. */
static struct figures run_for_time(const struct allocator *allocator, const struct trace *trace)
{
	char **slots = make_slots(trace);
	double start;

	run_steps(allocator, trace, 0, trace->count, slots);
	free_all(allocator, trace, slots);
	run_steps(allocator, trace, 0, trace->warm_up, slots);
	start = now();
	run_steps(allocator, trace, trace->warm_up, trace->count, slots);
	return (struct figures){.rate = (double)(trace->count - trace->warm_up) / (now() - start)};
}

static struct figures run_for_memory(const struct allocator *allocator, const struct trace *trace)
{
	char **slots = make_slots(trace);
	double before = allocator->memory(), most = 0;

	for (size_t at = 0, next; at < trace->count; at = next) {
		double taken;

		next = at + 1000 < trace->count ? at + 1000 : trace->count;
		run_steps(allocator, trace, at, next, slots);
		taken = allocator->memory() - before;
		most = taken > most ? taken : most;
	}
	return (struct figures){.peak = most};
}

typedef struct figures run_function(const struct allocator *allocator, const struct trace *trace);

static struct figures run_in_child(run_function *run, const struct allocator *allocator, const struct trace *trace)
{
	struct figures figures;
	int ends[2], status;
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0)
		abort();
	if (child == 0) {
		allocator->start();
		figures = run(allocator, trace);
		_exit(write(ends[1], &figures, sizeof(figures)) != sizeof(figures));
	}
	if (read(ends[0], &figures, sizeof(figures)) != sizeof(figures) || waitpid(child, &status, 0) != child)
		abort();
	close(ends[0]);
	close(ends[1]);
	return figures;
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

static struct figures measure(const struct allocator *allocator, const struct trace *trace)
{
	double rates[RUNS];
	struct figures figures = run_in_child(run_for_memory, allocator, trace);

	for (int i = 0; i < RUNS; i++)
		rates[i] = run_in_child(run_for_time, allocator, trace).rate;
	qsort(rates, RUNS, sizeof(rates[0]), compare);
	figures.rate = rates[RUNS / 2];
	return figures;
}

/* `few` is the same kind of work, but less of it: first fit would need minutes. */
static void print_trace(const struct trace *trace, const struct trace *few)
{
	struct figures of[ALLOCATORS];

	printf("%s, %.1f MiB asked for at the peak\n", trace->name, (double)trace->peak / MIB(1));
	for (int i = 0; i < ALLOCATORS; i++) {
		of[i] = measure(&allocators[i], i == FIRST_FIT ? few : trace);
		printf("  %-10s %8.2f million operations a second, %6.1f MiB%s\n", allocators[i].name, of[i].rate / 1e6,
		        of[i].peak / MIB(1), i == FIRST_FIT && few != trace ? " (a shorter trace)" : "");
	}
	printf("  the heap is %.2f times as fast as glibc, %.1f times as fast as first fit\n",
	        of[HEAP].rate / of[GLIBC].rate, of[HEAP].rate / of[FIRST_FIT].rate);
}

static void print_growth(void)
{
	static const uint32_t live[] = {1000, 2000, 5000, 10000};

	printf("mixed, by the number of live blocks: nanoseconds for an operation\n");
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++) {
		struct trace trace = trace_mixed(live[i], 1000000), few = trace_mixed(live[i], 40000);

		printf("  %5u blocks: heap %5.1f, first fit %8.1f\n", live[i],
		        1e9 / measure(&allocators[HEAP], &trace).rate,
		        1e9 / measure(&allocators[FIRST_FIT], &few).rate);
		trace_drop(&trace);
		trace_drop(&few);
	}
}

int main(void)
{
	struct trace steady = trace_steady(4000000), mixed = trace_mixed(10000, 4000000),
	             few = trace_mixed(10000, 40000);
	struct trace fragmenting = trace_fragmenting(16), few_waves = trace_fragmenting(2);

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("The heap on the host (median of %d runs, each in a process of its own)\n", RUNS);
	print_trace(&steady, &steady);
	print_trace(&mixed, &few);
	print_trace(&fragmenting, &few_waves);
	print_growth();
	return 0;
}
