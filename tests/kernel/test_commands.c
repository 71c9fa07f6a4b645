/*
 * The monitor's commands: what they print agrees with what the kernel knows.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "abi/errno.h"
#include "core/command_argument.h"
#include "core/fault.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "cpu.h"
#include "cpu_identity.h"
#include "everywhere.h"
#include "lib/format.h"
#include "lib/number.h"
#include "lib/string.h"
#include "mm/frames.h"
#include "mm/region.h"
#include "paging.h"
#include "program.h"
#include "provoke.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "task/semaphore.h"
#include "task/sleep.h"
#include "task/thread.h"
#include "task/thread_stack.h"
#include "threads.h"
#include "time/clock.h"
#include "time/timer.h"

#define COLUMNS 80

static struct {
	char text[24576];
	size_t length;
	int result;
} said;

static void take(struct command_output *output, const char *text, size_t length)
{
	size_t room = sizeof(said.text) - 1 - said.length;

	(void)output;
	if (length > room)
		length = room;
	memcpy(said.text + said.length, text, length);
	said.length += length;
	said.text[said.length] = '\0';
}

/* Runs `name` with up to two arguments, and returns what it said. */
static const char *run(const char *name, const char *first, const char *second)
{
	const struct monitor_command *command = command_find(name);
	struct command_output output = {.write = take};
	char words[3][40], *pointers[4] = {words[0], NULL, NULL, NULL};
	unsigned int count = first == NULL ? 1 : second == NULL ? 2 : 3;

	format_string(words[0], sizeof(words[0]), "%s", name);
	format_string(words[1], sizeof(words[1]), "%s", first != NULL ? first : "");
	format_string(words[2], sizeof(words[2]), "%s", second != NULL ? second : "");
	for (unsigned int i = 1; i < count; i++)
		pointers[i] = words[i];
	said.length = 0;
	said.text[0] = '\0';
	said.result = command != NULL ? command->run(&output, count, pointers) : -ENOENT;
	return said.text;
}

static const char *hex(uint64_t address)
{
	static char text[20];

	format_string(text, sizeof(text), "%lx", address);
	return text;
}

static const char *find(const char *text, const char *part)
{
	for (; *text != '\0'; text++) {
		if (strncmp(text, part, strlen(part)) == 0)
			return text;
	}
	return NULL;
}

static bool has(const char *part)
{
	return find(said.text, part) != NULL;
}

static bool fits_in_columns(const char *text)
{
	size_t column = 0;

	for (; *text != '\0'; text++) {
		column = *text == '\n' ? 0 : column + 1;
		if (column > COLUMNS)
			return false;
	}
	return column == 0;
}

KERNEL_TEST(command_table)
{
	const struct monitor_command *c = linker_monitor_commands_start;

	EXPECT(c != linker_monitor_commands_end);
	for (; c != linker_monitor_commands_end; c++) {
		EXPECT(command_find(c->name) == c);
		EXPECT(strlen(c->help) > 0 && 24 + strlen(c->help) <= COLUMNS);
		EXPECT(c + 1 == linker_monitor_commands_end || strcmp(c[0].name, c[1].name) < 0);
	}
	EXPECT(command_find("no such command") == NULL);
}

/* All that only show something; `boot` and `log` show lines that others have written. */
KERNEL_TEST(command_output_fits)
{
	static const char *const names[] = {
	        "acpi", "cpu", "date", "fault", "irq", "map", "mem", "pci", "time", "timers"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		run(names[i], NULL, NULL);
		EXPECT(said.result == 0);
		EXPECT(said.length > 0 && said.length < sizeof(said.text) - 1);
		if (!fits_in_columns(said.text))
			log_info("%s\n", said.text);
		EXPECT(fits_in_columns(said.text));
	}
}

KERNEL_TEST(command_refuses_arguments)
{
	static const char *const names[] = {
	        "acpi", "boot", "cpu", "date", "irq", "map", "mem", "pci", "poweroff", "reboot", "time", "timers"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		run(names[i], "x", NULL);
		EXPECT(said.result == -EINVAL);
		EXPECT(has("It is to be typed as: "));
	}
	run("log", "error", "no such words");
	EXPECT(said.result == 0 && has("no such line"));
	run("fault", "no_such_kind", NULL);
	EXPECT(said.result == -ENOENT && has("There is no kind"));
}

KERNEL_TEST(command_addresses)
{
	uint64_t address;

	EXPECT(command_parse_address("kernel_main", &address) && address > (uint64_t)linker_image_start);
	EXPECT(command_parse_address("command_find", &address) && address == (uint64_t)command_find);
	EXPECT(command_parse_address("command_find+0x1f", &address) && address == (uint64_t)command_find + 0x1f);
	EXPECT(command_parse_address("0x10", &address) && address == 16);
	EXPECT(command_parse_address("10", &address) && address == 16);
	EXPECT(!command_parse_address("command_fin", &address));
	EXPECT(!command_parse_address("command_find+", &address));
	EXPECT(!command_parse_address("command_find+g", &address));
	EXPECT(!command_parse_address("+1", &address));
	EXPECT(!command_parse_address("", &address));
}

KERNEL_TEST(command_mem)
{
	struct frames_count count = frames_count();
	char expected[80];

	run("mem", NULL, NULL);
	format_string(expected, sizeof(expected), "\nto give out   %11lu  ", count.total);
	EXPECT(has(expected));
	format_string(expected, sizeof(expected), "\nfree          %11lu  ", count.free);
	EXPECT(has(expected));
	format_string(expected, sizeof(expected), "\n%6lu       -  the frame database", count.kernel_own);
	EXPECT(has(expected));
}

/* What was allocated here is there under the name of who did it. */
KERNEL_TEST(command_mem_by_owner)
{
	uint64_t block = frames_allocate(3, 0);

	EXPECT(block != 0);
	run("mem", NULL, NULL);
	frames_free(block);
	EXPECT(has("     8       1  kernel_test_command_mem_by_owner+"));
	run("mem", NULL, NULL);
	EXPECT(!has("kernel_test_command_mem_by_owner+"));
}

static uint64_t number_at(const char *text, size_t digits)
{
	uint64_t number = 0;
	char copy[20];

	memcpy(copy, text, digits);
	copy[digits] = '\0';
	return number_parse(copy, 16, &number) ? number : 0;
}

/* In order, nothing twice, the first and last byte of each line mapped as it says, and the one behind it otherwise. */
KERNEL_TEST(command_map)
{
	const char *line = run("map", NULL, NULL);
	uint64_t before = 0;

	EXPECT(line[0] != '\0');
	for (; *line != '\0'; line = strchr(line, '\n') + 1) {
		uint64_t start = number_at(line, 16), last = number_at(line + 17, 16);
		struct paging_walk walk = paging_look_up(start), end = paging_look_up(last);
		const char *rights = find(line, "iB r") + 3;

		EXPECT(start > before && last > start);
		EXPECT(walk.mapped && end.mapped);
		EXPECT((rights[1] == 'w') == walk.writable && (rights[1] == 'w') == end.writable);
		EXPECT((rights[2] == 'x') == walk.executable && (rights[2] == 'x') == end.executable);
		EXPECT(!(walk.writable && walk.executable) || cpu_has(CPU_NX) == false);
		before = last;
	}
	EXPECT(has("code of the kernel") && has("stack of CPU 0") && has("frame database"));
}

KERNEL_TEST(command_walk)
{
	uint64_t address = (uint64_t)command_find;
	char expected[40];

	run("walk", "command_find", NULL);
	EXPECT(said.result == 0 && has("code of the kernel, command_find+0x0"));
	format_string(expected, sizeof(expected), "physical %lx, read-only", paging_look_up(address).physical);
	EXPECT(has(expected));
	format_string(expected, sizeof(expected), "%016lx  page of 4 KiB, r-", paging_look_up(address).entry);
	EXPECT(has(expected));
	run("walk", "8000000000000000", NULL);
	EXPECT(said.result == 0 && has("not mapped"));
	run("walk", NULL, NULL);
	EXPECT(said.result == -EINVAL);
}

KERNEL_TEST(command_x)
{
	static const char text[] = "0123456789abcdefABC";

	run("x", hex((uint64_t)text), "19");
	EXPECT(said.result == 0);
	EXPECT(has("3031 3233 3435 3637 3839 6162 6364 6566  0123456789abcdef\n"));
	EXPECT(has("4142 43                                  ABC\n"));
	run("x", hex((uint64_t)text), "1");
	EXPECT(said.result == 0);
	EXPECT(has("  30                                       0\n"));
}

KERNEL_TEST(command_x_refuses)
{
	run("x", "0", NULL);
	EXPECT(said.result == -EFAULT && has("nothing is mapped there") && has("a null pointer"));
	run("x", "0xdead000000000000", NULL);
	EXPECT(said.result == -EFAULT && has("canonical"));
	run("x", "command_find", "0");
	EXPECT(said.result == -EINVAL);
	run("x", "command_find", "65537");
	EXPECT(said.result == -EINVAL);
	run("x", "command_find", "many");
	EXPECT(said.result == -EINVAL && has("is no number"));
	run("x", "nobody", NULL);
	EXPECT(said.result == -EINVAL && has("nor the name of a function"));
	run("x", "ffffffffffffffff", "2");
	EXPECT(said.result == -EFAULT);
}

/* Up to the end of what is mapped, and not a byte further. */
KERNEL_TEST(command_x_stops_at_the_end)
{
	uint8_t *page = region_allocate(PAGE_SIZE, "a page");

	EXPECT(page != NULL);
	memset(page, 'z', PAGE_SIZE);
	run("x", hex((uint64_t)page + PAGE_SIZE - 24), "64");
	region_free(page);
	EXPECT(said.result == -EFAULT);
	EXPECT(has("zzzzzzzzzzzzzzzz\n") && has("zzzzzzzz\n") && has("guard page above a page"));
}

KERNEL_TEST(command_x_leaves_devices_alone)
{
	void *device = region_map_device(0xfee00000, PAGE_SIZE, REGION_UNCACHED, "a device");

	EXPECT(device != NULL);
	run("x", hex((uint64_t)device), NULL);
	region_free(device);
	EXPECT(said.result == -EFAULT && has("registers of a device") && has("a device, byte 0"));
}

KERNEL_TEST(command_x_knows_the_text_screen)
{
	if (info->text_screen.base == 0)
		SKIP("no text screen");
	run("x", hex(info->text_screen.base_virtual + 5), NULL);
	EXPECT(said.result == -EFAULT && has("the text screen's memory, byte 5"));
}

/* What page tables allow and the CPU forbids all the same: that is found out by trying. */
KERNEL_TEST(command_x_of_a_program)
{
	static const uint8_t code[] = {0xc3};

	if (!(cpu_read_cr4() & CPU_CR4_SMAP))
		SKIP("this CPU has no SMAP");
	program_map(info, code, sizeof(code));
	run("x", hex(PROGRAM_CODE), "1");
	program_unmap();
	EXPECT(said.result == -EFAULT && has("it cannot be read"));
}

static void read_byte(void *context)
{
	provoke_read(*(const uint64_t *)context);
}

KERNEL_TEST(fault_try_says_whether)
{
	uint64_t good = (uint64_t)&good, unmapped = 0, not_canonical = 0xdead000000000000;

	for (unsigned int i = 0; i < 3; i++) {
		EXPECT(fault_try(read_byte, &good));
		EXPECT(!fault_try(read_byte, &unmapped));
		EXPECT(!fault_try(read_byte, &not_canonical));
		EXPECT(cpu_interrupts_enabled());
	}
}

KERNEL_TEST(command_sym)
{
	char expected[60];

	run("sym", "command_find", NULL);
	format_string(expected, sizeof(expected), "%016lx  command_find", (uint64_t)command_find);
	EXPECT(said.result == 0 && has(expected));
	run("sym", hex((uint64_t)command_find + 3), NULL);
	EXPECT(said.result == 0 && has("command_find+0x3"));
	run("sym", "ommand_fin", NULL);
	EXPECT(said.result == 0 && has(expected));
	run("sym", "0", NULL);
	EXPECT(said.result == -ENOENT);
	run("sym", "nobody_has_this_name", NULL);
	EXPECT(said.result == -ENOENT);
}

static void fire_never(struct timer *timer)
{
	(void)timer;
}

KERNEL_TEST(command_timers)
{
	static struct timer timer = {.fire = fire_never};

	timer_start(&timer, clock_monotonic_ns() + 1000 * NS_PER_SECOND);
	run("timers", NULL, NULL);
	timer_cancel(&timer);
	EXPECT(has("fire_never+0x0") && has("    999."));
	run("timers", NULL, NULL);
	EXPECT(!has("fire_never"));
}

KERNEL_TEST(command_log)
{
	log_info("\n"); /* ends the line that the test began */
	log_detail("A detail for the log.\n");
	log_warning("A warning for the log.\n");
	run("log", NULL, NULL);
	EXPECT(has(" . A detail for the log.\n"));
	run("log", "warning", NULL);
	EXPECT(has(" W A warning for the log.\n") && !has("A detail for the log."));
	run("log", "error", NULL);
	EXPECT(!has("A warning for the log."));
	run("log", "detail", "A warning");
	EXPECT(has("A warning for the log.") && !has("A detail for the log."));
	run("log", "A detail", NULL);
	EXPECT(has("A detail for the log.") && !has("A warning for the log."));
}

KERNEL_TEST(command_boot)
{
	char expected[60];

	run("boot", NULL, NULL);
	EXPECT(said.result == 0 && said.length < sizeof(said.text) - 1);
	EXPECT(has(paging_direct(info->command_line)));
	format_string(expected, sizeof(expected), "%u ranges", info->raw_map_count);
	EXPECT(has(expected) && has("the loader said:\n"));
}

KERNEL_TEST(command_time)
{
	char expected[40];

	run("time", NULL, NULL);
	format_string(expected, sizeof(expected), "%-10s  ", clock_source()->name);
	EXPECT(has(expected) && has("is the clock") && has("seconds since the loader began"));
}

/* A fault that goes on, by the command. */
KERNEL_TEST(command_fault)
{
	run("fault", NULL, NULL);
	EXPECT(said.result == 0 && has("breakpoint ") && has("divide ") && has("stack "));
}

static unsigned int kill_spinners(void)
{
	unsigned int killed = 0;

	for (struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread))
		killed += strcmp(thread->name, "spinner") == 0 && thread_kill(thread, thread_generation(thread));
	return killed;
}

/* They end early, and nothing of them is left; the stack of somebody else's that was over may be gone, too. */
KERNEL_TEST(command_spin)
{
	unsigned int alive = threads_alive(), stacks = thread_stack_count(), alive_then, killed;

	run("spin", "2", "3600");
	alive_then = threads_alive();
	killed = kill_spinners();
	EXPECT(said.result == 0 && has("2 threads named spinner, for 3600 seconds.\n"));
	EXPECT(alive_then == alive + 2 && killed == 2);
	for (unsigned int times = 0; times < 5000 && (threads_alive() != alive || thread_stack_count() > stacks);
	        times++) {
		struct sleep sleep;

		block_on(sleep_for(&sleep, NS_PER_SECOND / 1000));
	}
	EXPECT(threads_alive() == alive && thread_stack_count() <= stacks);
}

KERNEL_TEST(command_spin_refuses)
{
	static const char *const words[] = {"0", "65", "x", "-1", ""};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		run("spin", words[i], NULL);
		EXPECT(said.result == -EINVAL && has("THREADS is a number from 1 to 64"));
		run("spin", "1", i == 1 ? "3601" : words[i]);
		EXPECT(said.result == -EINVAL && has("SECONDS one from 1 to 3600."));
	}
	EXPECT(kill_spinners() == 0);
}

/* Of a thread that has not made room yet, either. */
KERNEL_TEST(command_threads_counts_who_runs)
{
	uint64_t ticks = scheduler_ticks(thread_current());

	for (uint64_t end = clock_monotonic_ns() + 1000; clock_monotonic_ns() < end;)
		;
	EXPECT(scheduler_ticks(thread_current()) > ticks);
}

static struct semaphore pinned = SEMAPHORE("that a thread in a far place wants", 0);

static intptr_t wait_for_pinned(void *argument)
{
	struct semaphore_acquire acquire;

	(void)argument;
	return block_on(semaphore_acquire(&acquire, &pinned));
}

/* Where a thread may run is said if that is not everywhere; if there are many places and a long name, not all of it. */
KERNEL_TEST(smp_command_threads)
{
	struct cpu_set last = {0}, scattered = {0};
	struct thread *threads[3];
	struct thread_join join;
	char expected[80];

	NEEDS_OTHERS(info);
	cpu_set_add(&last, cpus_online() - 1);
	for (uint32_t cpu = 0; cpu < cpus_online(); cpu += 2)
		cpu_set_add(&scattered, cpu);
	threads[0] = thread_create(.name = "pinned", .run = wait_for_pinned, .affinity = &last);
	threads[1] = thread_create(.name = "free", .run = wait_for_pinned);
	threads[2] = thread_create(.name = "scattered", .run = wait_for_pinned, .affinity = &scattered);
	EXPECT(threads[0] != NULL && threads[1] != NULL && threads[2] != NULL);
	format_string(expected, sizeof(expected), "\n    on %u  semaphore %s\n", cpus_online() - 1, pinned.name);
	said.text[0] = '\0';
	for (unsigned int times = 0; times < 5000 && !has(expected); times++) {
		struct sleep sleep;

		block_on(sleep_for(&sleep, NS_PER_SECOND / 1000));
		run("threads", NULL, NULL);
		EXPECT(fits_in_columns(said.text));
	}
	EXPECT(has(expected) && find(find(find(said.text, "  on ") + 1, "  on ") + 1, "  on ") == NULL);
	for (unsigned int i = 0; i < 3; i++)
		semaphore_release(&pinned);
	for (unsigned int i = 0; i < 3; i++)
		EXPECT(block_on(thread_join(&join, threads[i])) == 0);
}

static volatile bool enough;

static intptr_t nap(void *argument)
{
	struct sleep sleep;

	(void)argument;
	return block_on(sleep_for(&sleep, 5000));
}

/* On another CPU, so that they end in the midst of what the command looks at. */
static intptr_t come_and_go(void *argument)
{
	const struct thread *me = thread_current();

	(void)argument;
	while (!enough) {
		struct thread *threads[12];
		struct thread_join join;

		for (unsigned int i = 0; i < 12; i++)
			threads[i] = thread_create(.name = "nap", .run = nap, .affinity = &me->affinity);
		for (unsigned int i = 0; i < 12; i++) {
			if (threads[i] == NULL || block_on(thread_join(&join, threads[i])) != 0)
				return -ENOMEM;
		}
	}
	return 0;
}

/* Of 40,000 rounds one or two came upon a stack that was gone, when the command looked without a lock. */
KERNEL_TEST(smp_command_threads_that_end)
{
	struct cpu_set second = {0};
	struct thread *thread;
	struct thread_join join;

	NEEDS_OTHERS(info);
	enough = false;
	cpu_set_add(&second, 1);
	thread = thread_create(.name = "storm", .run = come_and_go, .affinity = &second);
	EXPECT(thread != NULL);
	for (unsigned int times = 0; times < 1000; times++) {
		run("threads", NULL, NULL);
		EXPECT(fits_in_columns(said.text));
	}
	enough = true;
	EXPECT(block_on(thread_join(&join, thread)) == 0);
}
