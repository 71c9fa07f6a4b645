/*
 * A kernel of somebody else's that takes the loader at its word: it overwrites every byte that the memory map calls
 * usable, reads all of them again, and finds what it was given, its module and the loader's handlers of exceptions as
 * they were. With "all" as its command line it then takes over: with page tables, a stack and a GDT of its own it
 * overwrites all memory but that of its image (of a machine with less than 4 GiB).
 */
#include <boot/boot_info.h>
#include <stdbool.h>

#define PAGE    __attribute__((aligned(4096)))
#define PRESENT 1u
#define WRITE   2u
#define LARGE   128u
#define RANGES  256

static const struct boot_info *info;
static uint64_t direct_map;
static const struct boot_memory_range *range;
static uint32_t range_count;

static void *memory(uint64_t address)
{
	return (void *)(direct_map + address);
}

static void print(const char *text)
{
	uint8_t status;
	for (; *text; text++) {
		do
			__asm__ volatile("inb %w1, %b0" : "=a"(status) : "d"(0x3fd));
		while (!(status & 0x20));
		__asm__ volatile("outb %b0, %w1" : : "a"(*text), "d"(0x3f8));
	}
}

static void print_number(const char *before, uint64_t number, const char *after)
{
	char digits[21], *digit = digits + sizeof digits;
	for (*--digit = '\0'; number || !*digit; number /= 10)
		*--digit = '0' + number % 10;
	print(before);
	print(digit);
	print(after);
}

static uint64_t sum(uint64_t base, uint64_t size)
{
	const uint8_t *bytes = memory(base);
	uint64_t sum = 0;
	for (uint64_t i = 0; i < size; i++)
		sum = sum * 31 + bytes[i];
	return sum;
}

/* Everything that must stay as it is, as one number. The loader's page tables and stack change when they are used. */
static uint64_t sum_of_given(void)
{
	const struct boot_module *module = memory(info->modules);
	uint64_t all = sum(info->info_base, info->info_size);
	for (uint32_t i = 0; i < info->module_count; i++)
		all = all * 31 + sum(module[i].base, module[i].size);
	return all;
}

/* Each word gets a value of its own, or is looked at. Returns how many bytes there were; counts *wrong up by words. */
static uint64_t pass(bool (*is_free)(uint32_t type), bool write, uint64_t *wrong)
{
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < range_count; i++) {
		if (!is_free(range[i].type))
			continue;
		volatile uint64_t *word = memory(range[i].base), *end = memory(range[i].base + range[i].size);
		for (; word < end; word++) {
			if (write)
				*word = ~(uint64_t)word;
			*wrong += *word != ~(uint64_t)word;
		}
		bytes += range[i].size;
	}
	return bytes;
}

static void overwrite(bool (*is_free)(uint32_t type))
{
	uint64_t wrong = 0, written = pass(is_free, true, &wrong), read = pass(is_free, false, &wrong);
	print_number("overwritten: ", written, " bytes, ");
	print_number("read again: ", read, " bytes, ");
	print_number("wrong: ", wrong, " words\n");
}

static bool is_usable(uint32_t type)
{
	return type == BOOT_MEMORY_USABLE;
}

/* What is free for a kernel that has tables and a stack of its own, and needs nothing more of the loader. */
static bool is_free_in_the_end(uint32_t type)
{
	return type == BOOT_MEMORY_USABLE || type == BOOT_MEMORY_LOADER || type == BOOT_MEMORY_MODULE ||
	       type == BOOT_MEMORY_BLACK_BOX || type == BOOT_MEMORY_SMP || type == BOOT_MEMORY_ACPI_TABLES;
}

static _Noreturn void in_its_own_world(void)
{
	overwrite(is_free_in_the_end);
	print("nothing of the loader's is left\n");
	for (;;)
		__asm__ volatile("hlt");
}

/* The lowest 4 GiB at direct_map_virtual, the lowest of them at the kernel's addresses, too. */
static uint64_t make_page_tables(void)
{
	static uint64_t top[512] PAGE, direct[512] PAGE, highest[512] PAGE, pages[4 * 512] PAGE;
	uint64_t distance = info->kernel.base_virtual - info->kernel.physical;
	for (uint64_t i = 0; i < 4 * 512; i++)
		pages[i] = i << 21 | PRESENT | WRITE | LARGE;
	for (unsigned i = 0; i < 4; i++)
		direct[i] = ((uint64_t)&pages[i * 512] - distance) | PRESENT | WRITE;
	highest[distance >> 30 & 511] = direct[0];
	top[direct_map >> 39 & 511] = ((uint64_t)direct - distance) | PRESENT | WRITE;
	top[distance >> 39 & 511] = ((uint64_t)highest - distance) | PRESENT | WRITE;
	return (uint64_t)top - distance;
}

static _Noreturn void take_over(void)
{
	static const uint64_t segments[] = {0, 0x00af9b000000ffff, 0x00cf93000000ffff};
	static struct boot_memory_range copy[RANGES];
	static uint8_t stack[4096] PAGE;
	const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) gdt = {sizeof segments - 1, (uint64_t)segments}, no_handlers = {0, 0};

	for (uint32_t i = 0; i < range_count; i++)
		copy[i] = range[i];
	range = copy;
	__asm__ volatile(
	        "lgdt %0; lidt %1; mov %2, %%cr3; mov %3, %%rsp;"
	        "push $8; lea 1f(%%rip), %%rax; push %%rax; lretq;"
	        "1: mov $16, %%eax; mov %%eax, %%ss; mov %%eax, %%ds; mov %%eax, %%es; call *%4"
	        :
	        : "m"(gdt), "m"(no_handlers), "r"(make_page_tables()), "r"(stack + sizeof stack), "r"(in_its_own_world)
	        : "rax", "memory");
	__builtin_unreachable();
}

_Noreturn void start(const struct boot_info *given)
{
	info = given;
	direct_map = info->direct_map_virtual;
	range = memory(info->memory_map);
	range_count = info->memory_map_count;

	uint64_t before = sum_of_given();
	overwrite(is_usable);
	print(sum_of_given() == before ? "boot_info and modules are as they were\n"
	                               : "boot_info or a module has changed\n");
	if (*(const char *)memory(info->command_line) == 'a' && range_count <= RANGES) /* "all" */
		take_over();
	__asm__ volatile("ud2"); /* is there still somebody who says "error 05"? */
	__builtin_unreachable();
}
