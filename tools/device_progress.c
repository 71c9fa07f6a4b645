/* A bar that shows how far something is. */
#include "device.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define BAR_WIDTH   32u
#define REDRAW_TIME 0.1 /* seconds */

static struct {
	const char *what;
	uint64_t total;
	double begun, drawn; /* when */
	bool is_bar;
} progress;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void draw(uint64_t done)
{
	double seconds = progress.drawn - progress.begun;
	unsigned filled = progress.total ? (unsigned)(done * BAR_WIDTH / progress.total) : BAR_WIDTH;
	char bar[BAR_WIDTH + 1];

	for (unsigned i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < filled ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	printf("\r%-12s [%s] %3u%%  %u of %u MB", progress.what, bar,
	        progress.total ? (unsigned)(done * 100 / progress.total) : 100, (unsigned)(done / 1000000),
	        (unsigned)(progress.total / 1000000));
	if (seconds >= 1)
		printf("  %.1f MB/s ", (double)done / 1e6 / seconds);
	fflush(stdout);
}

void progress_begin(const char *what, uint64_t total)
{
	progress.what = what;
	progress.total = total;
	progress.begun = progress.drawn = now();
	progress.is_bar = isatty(STDOUT_FILENO);
	if (progress.is_bar)
		draw(0);
	else
		printf("%s %llu bytes\n", what, (unsigned long long)total);
	fflush(stdout);
}

void progress_show(uint64_t done)
{
	double time = now();

	if (!progress.is_bar || (time - progress.drawn < REDRAW_TIME && done != progress.total))
		return;
	progress.drawn = time;
	draw(done);
}

void progress_end(void)
{
	if (progress.is_bar)
		printf("\n");
	progress.is_bar = false;
	fflush(stdout);
}
