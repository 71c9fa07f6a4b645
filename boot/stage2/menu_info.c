#include "menu_info.h"

#include "console.h"
#include "disk.h"
#include "ledger.h"
#include "lib/black_box.h"
#include "lib/string.h"
#include "memory.h"

static const char *type_name(uint32_t type)
{
	switch (type) {
	case BOOT_MEMORY_USABLE:
		return "usable";
	case BOOT_MEMORY_RESERVED:
		return "reserved";
	case BOOT_MEMORY_ACPI_TABLES:
		return "ACPI tables";
	case BOOT_MEMORY_ACPI_NVS:
		return "ACPI, to be kept";
	case BOOT_MEMORY_BAD:
		return "bad";
	case BOOT_MEMORY_LOADER:
		return "loader";
	case BOOT_MEMORY_SMP:
		return "for starting other CPUs";
	default:
		return NULL;
	}
}

static void print_range(struct menu_text *text, uint64_t base, uint64_t size, uint32_t type)
{
	bool large = size >> 30; /* its size in MiB fits 32 bits, as does that of a small one in KiB */
	menu_text_print(text, "%016llx-%016llx  %9u %ciB  ", (unsigned long long)base,
	        (unsigned long long)(base + size - 1), (uint32_t)(size >> (large ? 20 : 10)), large ? 'M' : 'K');
	const char *name = type_name(type);
	if (name)
		menu_text_print(text, "%s\n", name);
	else
		menu_text_print(text, "of type %u\n", type);
}

void menu_info_memory(struct menu_text *text)
{
	uint32_t count;
	const struct boot_raw_range *raw = memory_raw(&count);
	const struct memory_map *map = memory_map();
	menu_text_print(text, "As the firmware gives it:\n\n");
	for (uint32_t i = 0; i < count; i++)
		print_range(text, raw[i].base, raw[i].size, raw[i].type);
	menu_text_print(text, "\nSorted, without overlaps, less what the loader needs:\n\n");
	for (uint32_t i = 0; i < map->count; i++)
		print_range(text, map->range[i].base, map->range[i].size, map->range[i].type);
	menu_text_print(text, "\n%u KiB are free for the kernel.\n", (uint32_t)(memory_map_usable(map) >> 10));
}

static void print_disk(struct menu_text *text)
{
	struct boot_drive drive = {0};
	struct boot_notes notes = {0};
	disk_describe(&drive, &notes);
	menu_text_print(text, "The disk is %02xh, read by %s; %u %s repeated.\n", drive.bios_number,
	        drive.access == BOOT_DISK_EDD ? "EDD" : "CHS", notes.read_retries,
	        notes.read_retries == 1 ? "read was" : "reads were");
}

/* By the counter, for nobody knows yet how fast it is; and without a division by 1000. */
static void print_steps(struct menu_text *text)
{
	struct boot_step steps[LEDGER_STEP_COUNT];
	uint32_t count = ledger_copy(steps);
	menu_text_print(text, "\nIts steps so far, in units of 1024 CPU cycles:\n\n");
	for (uint32_t i = 0; i < count; i++)
		menu_text_print(text, "%10u  %s\n", (uint32_t)(steps[i].ticks >> 10), steps[i].name);
}

void menu_info_log(struct menu_text *text)
{
	struct boot_text_screen screen;
	const char *log;
	uint32_t length;
	console_describe(&screen, &log, &length);
	menu_text_add(text, log, length);
	if (!length)
		menu_text_print(text, "The loader has met nothing worth telling.\n");
	print_disk(text);
	print_steps(text);
}

/* The last run, unless it ended as it should. */
static const struct black_box_run *last_run(void)
{
	uint32_t size;
	const void *box = memory_black_box(&size);
	const struct black_box_run *run = black_box_latest(box, size);
	return run && !black_box_is_wanted(black_box_state(run)) ? run : NULL;
}

const char *menu_info_ending(void)
{
	const struct black_box_run *run = last_run();
	return run && black_box_state(run) != BLACK_BOX_UNKNOWN ? black_box_ending(black_box_state(run)) : NULL;
}

static void print_lines(struct menu_text *text, const char *head, const char *bytes, size_t length)
{
	char line[BLACK_BOX_LINE_MAX + 1];
	const char *end = bytes + length;
	while (black_box_next_line(&bytes, end, line))
		menu_text_print(text, "%s%s\n", head, line);
}

void menu_info_last_run(struct menu_text *text)
{
	const struct black_box_run *run = last_run();
	size_t length;
	const char *bytes;
	if (!run)
		return;
	menu_text_print(text, "The last run %s.\n", black_box_ending(black_box_state(run)));
	bytes = black_box_command(run, &length);
	print_lines(text, "Command: ", bytes, length);
	bytes = black_box_task(run, &length);
	print_lines(text, "Task: ", bytes, length);
	bytes = black_box_report(run, &length);
	if (length)
		menu_text_print(text, "\n");
	print_lines(text, "", bytes, length);
	const struct log_ring *ring = black_box_log(run);
	uint32_t position = 0;
	struct log_line line;
	if (!ring)
		return;
	menu_text_print(text, "\nWhat it said, up to the end:\n\n");
	while (log_ring_next(ring, &position, &line))
		print_lines(text, "", line.text, line.length);
}

void menu_info_help(struct menu_text *text)
{
	static const char help[] = "Up, Down     choose an entry: what it starts stands below the list\n"
	                           "Enter        start it; so does its number\n"
	                           "e            change its command line, for this start only\n"
	                           "m            the memory map: the firmware's, and what is made of it\n"
	                           "l            what the loader has said so far\n"
	                           "p            what the last run left, if it ended badly\n"
	                           "Esc          back\n\n"
	                           "Entries are changed for good on another system: mkimage config IMAGE\n\n"
	                           "Words that a command line may have:\n\n"
	                           "video=auto   draw in the display's own size; or 1024x768, or text\n"
	                           "keymap=de    what the keyboard has on its keys: us, uk, de or fr\n"
	                           "verify=full  compare each file with its SHA-256\n"
	                           "nokaslr      the kernel lies at its own addresses\n"
	                           "noapic       interrupts come by the old controller\n"
	                           "clock=pit    which counter tells the time; or tsc, hpet, pm\n"
	                           "page=off     the monitor never waits for a key\n";
	menu_text_add(text, help, sizeof help - 1);
}
