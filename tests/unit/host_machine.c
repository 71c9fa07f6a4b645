#define _GNU_SOURCE
#include "host_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "core/cpus.h"
#include "core/describer.h"
#include "core/panic.h"
#include "core/shootdown.h"
#include "core/symbols.h"
#include "host_arch.h"
#include "linker.h"
#include "mm/chunk.h"
#include "paging.h"

#define RANGES_MAX 200

struct boot_info host_info;
char host_panic_text[400];

static uint64_t next_table = HOST_LOADER_BASE;
static char *ram;
static jmp_buf *catcher;

/* The kernel's image: a page of code and a page of constants. */
const char linker_image_start[2 * PAGE_SIZE] __attribute__((aligned(4096)));
__asm__(".globl linker_text_end, linker_rodata_start, linker_rodata_end, linker_data_start, linker_image_end\n"
        ".set linker_text_end, linker_image_start + 4096\n"
        ".set linker_rodata_start, linker_image_start + 4096\n"
        ".set linker_rodata_end, linker_image_start + 8192\n"
        ".set linker_data_start, linker_image_start + 8192\n"
        ".globl linker_sealed_start, linker_sealed_end\n"
        ".set linker_sealed_start, linker_image_start + 8192\n"
        ".set linker_sealed_end, linker_image_start + 8192\n"
        ".set linker_image_end, linker_image_start + 8192\n");

void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(host_panic_text, sizeof(host_panic_text), format, args);
	va_end(args);
	if (catcher != NULL)
		longjmp(*catcher, 1);
	fprintf(stderr, "panic: %s\n", host_panic_text);
	_exit(1);
}

const char *symbols_describe_caller(uint64_t address, char text[SYMBOLS_TEXT_MAX])
{
	snprintf(text, SYMBOLS_TEXT_MAX, "<%lx>", address);
	return text;
}

uint32_t cpus_count(void)
{
	return 1;
}

bool cpus_is_online(uint32_t cpu)
{
	return cpu == 0;
}

void shootdown(uint64_t address, uint64_t size)
{
	(void)address;
	(void)size;
}

bool host_machine_panics(void (*body)(void *context), void *context)
{
	jmp_buf here;

	catcher = &here;
	if (setjmp(here) == 0) {
		body(context);
		catcher = NULL;
		return false;
	}
	catcher = NULL;
	return true;
}

bool host_machine_run(void (*body)(void))
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		body();
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static uint64_t take_loader_table(void)
{
	uint64_t table = next_table;

	next_table += PAGE_SIZE;
	REQUIRE(next_table <= HOST_INFO_BASE);
	return table;
}

/* The RAM is one mapping without memory behind it until it is used; the database has its fixed place. */
static void make_ram(uint64_t size)
{
	uint64_t database = size / PAGE_SIZE * sizeof(struct frame) + MIB(1);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	ram = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	REQUIRE(ram != MAP_FAILED);
	REQUIRE(mmap((void *)CHUNK_DATABASE, database, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, -1, 0) ==
	        (void *)CHUNK_DATABASE);
}

/* In pages of 1 GiB, as one table of level 3 can. */
static void map_direct(uint64_t size, const struct paging_space *space)
{
	uint64_t table = take_loader_table();
	uint64_t *top = (uint64_t *)(ram + space->root), *entries = (uint64_t *)(ram + table);

	REQUIRE(size <= GIB(512));
	top[HOST_DIRECT_MAP >> 39 & 511] = table | PAGE_PRESENT | PAGE_WRITABLE;
	for (uint64_t i = 0; i < (size + GIB(1) - 1) / GIB(1); i++)
		entries[i] = i * GIB(1) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE | PAGE_NO_EXECUTE;
}

static void make_info(const struct boot_memory_range *usable, uint32_t count)
{
	struct boot_memory_range *map = (void *)(ram + HOST_INFO_BASE);

	REQUIRE(count + 1 <= RANGES_MAX && RANGES_MAX * sizeof(*map) <= HOST_INFO_SIZE);
	map[0] =
	        (struct boot_memory_range){HOST_LOADER_BASE, HOST_LOADER_END - HOST_LOADER_BASE, BOOT_MEMORY_LOADER, 0};
	memcpy(map + 1, usable, count * sizeof(*map));
	host_info = (struct boot_info){
	        .direct_map_virtual = (uint64_t)ram,
	        .memory_map = HOST_INFO_BASE,
	        .memory_map_count = count + 1,
	        .info_base = HOST_INFO_BASE,
	        .info_size = HOST_INFO_SIZE,
	};
	host_info.kernel.stack_virtual = HOST_STACK;
	host_info.kernel.stack_size = HOST_STACK_SIZE;
	/* At paging_direct() of this the page tables, which nobody walks here, have the direct map. */
	host_info.kernel.physical = HOST_DIRECT_MAP + MIB(1) - (uint64_t)ram;
}

void host_machine_start(const struct boot_memory_range *usable, uint32_t count)
{
	uint64_t size = usable[count - 1].base + usable[count - 1].size;
	struct paging_space space = {.root = take_loader_table(), .take_table = take_loader_table};

	make_ram(size);
	for (uint32_t i = 0; i < count;
	        i++) /* RAM is not clear when a machine starts; where it is used first will do */
		memset(ram + usable[i].base, 0xa5, usable[i].size < MIB(1) ? usable[i].size : MIB(1));
	make_info(usable, count);
	host_cpu.cr3 = space.root;
	host_cpu.efer = CPU_EFER_NXE;
	paging_start(&host_info);
	map_direct(size, &space);
	REQUIRE(paging_map(&space, HOST_STACK, HOST_STACK_BASE, HOST_STACK_SIZE, PAGE_WRITABLE | PAGE_NO_EXECUTE) == 0);
}
