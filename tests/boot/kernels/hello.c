/* A whole kernel of somebody else's: it says on the screen and on COM1 what it was given (docs/own-kernel.md). */
#include <boot/boot_info.h>

static const struct boot_info *info;
static unsigned cell; /* of the text screen, where the next character goes */

static const void *memory(uint64_t address)
{
	return (const void *)(info->direct_map_virtual + address);
}

static void put(char c)
{
	const struct boot_text_screen *screen = &info->text_screen;
	uint8_t status;
	do
		__asm__ volatile("inb %w1, %b0" : "=a"(status) : "d"(0x3fd));
	while (!(status & 0x20)); /* until COM1 has sent the character before */
	__asm__ volatile("outb %b0, %w1" : : "a"(c), "d"(0x3f8));
	if (screen->base && c == '\n')
		cell += screen->columns - cell % screen->columns;
	else if (screen->base && cell < screen->columns * screen->rows)
		((volatile uint16_t *)screen->base_virtual)[cell++] = 0x0a00 | (uint8_t)c; /* green */
}

static void print(const char *text)
{
	while (*text)
		put(*text++);
}

static void print_number(const char *before, uint64_t number, const char *after)
{
	char digits[21], *digit = digits + sizeof digits;
	for (*--digit = '\0'; number || !*digit; number /= 10)
		*--digit = '0' + number % 10;
	print(before), print(digit), print(after);
}

_Noreturn void start(const struct boot_info *given)
{
	if (given->magic == BOOT_INFO_MAGIC) {
		info = given;
		cell = info->text_screen.cursor_row * info->text_screen.columns + info->text_screen.cursor_column;
		print_number("A kernel of my own: boot_info has version ", info->version, "\n");
		print("words: "), print(memory(info->command_line)), print("\n");
		const struct boot_module *module = memory(info->modules);
		for (uint32_t i = 0; i < info->module_count; i++)
			print("module "), print(module[i].name), print_number(": ", module[i].size, " bytes\n");
		const struct boot_memory_range *range = memory(info->memory_map);
		uint64_t usable = 0;
		for (uint32_t i = 0; i < info->memory_map_count; i++)
			usable += range[i].type == BOOT_MEMORY_USABLE ? range[i].size : 0;
		print_number("usable memory: ", usable >> 10, " KiB\n");
	}
	for (;;)
		__asm__ volatile("hlt");
}
