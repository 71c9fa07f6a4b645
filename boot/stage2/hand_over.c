#include "hand_over.h"

#include "console.h"
#include "firmware_tables.h"
#include "kernel_image.h"
#include "layout.h"
#include "ledger.h"
#include "lib/string.h"
#include "memory.h"
#include "page_tables.h"
#include "panic.h"
#include "seed.h"
#include "stack.h"
#include "stamp.h"
#include "video.h"

#define CR4_PAE         (1u << 5)
#define EFER_LONG_MODE  (1u << 8)
#define EFER_NO_EXECUTE (1u << 11)

#define NON_CANONICAL    0x0000800000000000ull
#define NULL_POINTERS    0x10000u
#define TEXT_SCREEN_SIZE 0x8000u

#define MAP_GROWTH 6u /* ranges: this piece itself, page tables, the stack and the black box may split some */

#define FONT_SIZE  4096u
#define FONT_WIDTH 8u

/* Space for boot_info and all it points to, given out piece by piece. */
static struct {
	char *begin, *next, *end;
} arena;

static void *arena_take(uint32_t size)
{
	char *piece = arena.next;
	arena.next += (size + 15) & ~15u;
	if (arena.next > arena.end) /* arena_init() forgot something */
		boot_fail(BOOT_ERROR_MEMORY, "the boot information is larger than was reckoned");
	return piece;
}

static uint32_t arena_copy(const void *from, uint32_t size)
{
	if (size == 0)
		return 0;
	void *to = arena_take(size);
	memcpy(to, from, size);
	return (uint32_t)to;
}

static void arena_init(const struct findings *f)
{
	uint32_t raw_count;
	memory_raw(&raw_count);
	uint32_t size = sizeof(struct boot_info) + FONT_SIZE + CONSOLE_LOG_SIZE + strlen(f->command_line) + 1 +
	                raw_count * sizeof(struct boot_raw_range) +
	                (memory_map()->count + MAP_GROWTH) * sizeof(struct boot_memory_range) +
	                f->module_count * sizeof(struct boot_module) + LEDGER_STEP_COUNT * sizeof(struct boot_step) +
	                16 * 8;
	size = page_up(size);
	arena.begin = arena.next = memory_allocate(size, BOOT_MEMORY_LOADER, "the boot information");
	arena.end = arena.begin + size;
}

static void map_kernel(const struct image_kernel *image, const struct boot_kernel *kernel)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segment[i];
		uint64_t address = s->virtual_address + kernel->slide;
		uint64_t first = page_down(address), end = page_up(address + s->memory_size);
		/* Below the direct map lie the addresses that no CPU takes: they are refused with it. So is where null
		 * pointers lead, with an index or without. */
		if (first < NULL_POINTERS || (first < LOADER_VIRTUAL_END && end > NON_CANONICAL))
			boot_fail(BOOT_ERROR_KERNEL_PLACE,
			        "the kernel wants the address %llx, which is no place for a kernel",
			        (unsigned long long)first);
		uint64_t physical = page_down(kernel_image_place(image, s, kernel->physical));
		unsigned flags = (s->flags & IMAGE_SEGMENT_WRITE ? PAGE_WRITE : 0) |
		                 (s->flags & IMAGE_SEGMENT_EXECUTE ? PAGE_EXECUTE : 0);
		page_tables_map(first, physical, end - first, flags);
	}
}

static void map_direct(uint64_t base, uint64_t end, unsigned flags)
{
	if (base < end)
		page_tables_map(DIRECT_MAP + base, base, end - base, flags);
}

/* All of it is written by the kernel as it likes, but for the boot information, which lies in one range. */
static void map_ram(void)
{
	uint32_t count, info = (uint32_t)arena.begin, info_end = (uint32_t)arena.end;
	const struct ram_range *ram = memory_ram(&count);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t base = ram[i].base, end = base + ram[i].size;
		if (info < base || info >= end) {
			map_direct(base, end, PAGE_WRITE);
			continue;
		}
		map_direct(base, info, PAGE_WRITE);
		map_direct(info, info_end, 0);
		map_direct(info_end, end, PAGE_WRITE);
	}
}

static void map_everything(struct findings *f)
{
	page_tables_init(f->cpu);
	map_ram();
	map_kernel(f->image, &f->kernel);
	uint32_t stack = (uint32_t)memory_allocate(STACK_SIZE, BOOT_MEMORY_LOADER, "the kernel's stack");
	page_tables_map(STACK_VIRTUAL, stack, STACK_SIZE, PAGE_WRITE);
	f->kernel.stack_virtual = STACK_VIRTUAL;
	f->kernel.stack_size = STACK_SIZE;
	page_tables_map((uint32_t)enter_long_page, (uint32_t)enter_long_page, PAGE_SIZE, PAGE_EXECUTE);
	page_tables_map((uint32_t)fault_stacks, (uint32_t)fault_stacks, PAGE_SIZE, PAGE_WRITE);
	f->kernel.page_table = page_tables_root();
}

static struct boot_info *make_info(struct findings *f)
{
	struct boot_info *info = arena_take(sizeof *info);
	*info = (struct boot_info){
	        .magic = BOOT_INFO_MAGIC,
	        .version = BOOT_INFO_VERSION,
	        .size = sizeof *info,
	        .direct_map_virtual = DIRECT_MAP,
	        .command_line_length = strlen(f->command_line),
	        .module_count = f->module_count,
	        .rsdp = firmware_find_rsdp(),
	        .kernel = f->kernel,
	        .drive = f->drive,
	        .notes = f->notes,
	        .smp_frames = memory_smp_frames(),
	        .info_base = (uint32_t)arena.begin,
	        .info_size = arena.end - arena.begin,
	};
	info->command_line = arena_copy(f->command_line, info->command_line_length + 1);
	info->modules = arena_copy(f->modules, f->module_count * sizeof *f->modules);
	const struct boot_raw_range *raw = memory_raw(&info->raw_map_count);
	info->raw_map = arena_copy(raw, info->raw_map_count * sizeof *raw);
	const void *font = video_font();
	if (font)
		info->font = arena_copy(font, FONT_SIZE);
	info->seed_sources = seed_make(f->cpu, info->seed);
	return info;
}

static void prepare_page(const struct findings *f, const struct boot_info *info)
{
	memcpy(enter_long_page, enter_long_load, enter_long_end - enter_long_page);
	hand_over = (struct hand_over){
	        .entry = f->kernel.entry_virtual,
	        .stack = STACK_VIRTUAL + STACK_SIZE,
	        .info = DIRECT_MAP + (uint32_t)info,
	        .page_table = f->kernel.page_table,
	        .cr4 = CR4_PAE | f->cpu->cr4,
	        .efer = EFER_LONG_MODE | (f->cpu->no_execute ? EFER_NO_EXECUTE : 0),
	};
}

/* The page tables for it are there since the stack's: nothing of this can fail, for nobody might see it any more. */
static void map_text_screen(struct boot_text_screen *screen)
{
	page_tables_map(screen->base, screen->base, PAGE_SIZE, PAGE_WRITE | PAGE_DEVICE);
	page_tables_map(TEXT_SCREEN_VIRTUAL, screen->base, TEXT_SCREEN_SIZE, PAGE_WRITE | PAGE_DEVICE);
	screen->base_virtual = TEXT_SCREEN_VIRTUAL;
	/* Two lines are enough, below what is said so far. */
	uint32_t row = screen->cursor_row < screen->rows - 2 ? screen->cursor_row : screen->rows - 2;
	hand_over.screen = screen->base + row * screen->columns * sizeof(uint16_t);
}

/* There is a font: without one there are no graphics. */
static void tell_framebuffer(const struct boot_info *info)
{
	const struct boot_framebuffer *screen = &info->framebuffer;
	hand_over.picture = screen->base_virtual;
	hand_over.font = DIRECT_MAP + info->font;
	hand_over.pitch = screen->pitch;
	hand_over.pixel = screen->bits_per_pixel / 8;
	hand_over.columns = screen->width / FONT_WIDTH;
	hand_over.red = ((1u << screen->red_size) - 1) << screen->red_shift;
}

/* When all else has its place: where there is little memory, that may be the box's. */
static void take_black_box(struct boot_info *info)
{
	uint32_t size;
	info->black_box = memory_take_black_box(&size);
	info->black_box_size = size;
	if (!info->black_box)
		console_print(CONSOLE_NORMAL, "No room for the black box: a reset will forget what is said\n");
}

_Noreturn void hand_over_to_kernel(struct findings *f)
{
	arena_init(f);
	map_everything(f);
	ledger_end(LEDGER_PAGE_TABLES);
	struct boot_info *info = make_info(f);
	prepare_page(f, info);
	stack_check();
	take_black_box(info);
	/* What can go wrong went wrong where it can be read: now the screen may change. */
	ledger_end(LEDGER_INFO);
	bool graphics = video_start(f->command_line, &info->framebuffer);
	ledger_end(LEDGER_VIDEO);
	struct boot_text_screen screen;
	const char *log;
	console_describe(&screen, &log, &info->log_length);
	info->log = arena_copy(log, info->log_length);
	if (graphics) {
		tell_framebuffer(info);
	} else if (screen.base) {
		map_text_screen(&screen);
		info->text_screen = screen;
	}
	/* Nothing more is taken from it. */
	info->memory_map_count = memory_map()->count;
	info->memory_map = arena_copy(memory_map()->range, info->memory_map_count * sizeof(struct boot_memory_range));
	stamp(BOOT_EVENT_HAND_OVER);
	info->stamp_count = stamp_copy(info->stamps);
	struct boot_step *steps = arena_take(LEDGER_STEP_COUNT * sizeof *steps);
	info->steps = (uint32_t)steps;
	ledger_end(LEDGER_HAND_OVER);
	info->step_count = ledger_copy(steps);
	enter_long();
}
