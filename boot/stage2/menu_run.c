#include "menu_run.h"

#include "bios.h"
#include "console.h"
#include "layout.h"
#include "lib/string.h"
#include "menu_clock.h"
#include "menu_info.h"
#include "menu_keys.h"
#include "menu_screens.h"
#include "menu_serial.h"
#include "menu_view.h"

#define ZERO_FLAG 0x40u
#define SILENCE   2u /* ticks (110 ms) that the bytes of one key are at most apart */

struct image_config menu_config;

/* Nothing is read while the menu is shown: the disk's buffer is free for what is large. */
struct room {
	uint16_t screen[CANVAS_CELLS];
	char typed[IMAGE_CONFIG_TEXT_MAX + 1];
	char text[DISK_BUFFER_SIZE - 2 * CANVAS_CELLS - IMAGE_CONFIG_TEXT_MAX - 1];
};
_Static_assert(sizeof(struct room) <= DISK_BUFFER_SIZE, "it fits");

static struct {
	struct menu menu;
	struct config config;
	struct menu_sequence sequence;
	struct menu_clock clock;
	uint32_t last_byte; /* the clock's age when it came */
	bool stale;         /* what is shown */
} run;

static struct room *room(void)
{
	return (struct room *)disk_buffer;
}

/* ---- the keyboards ---- */

static unsigned take_bios_key(void)
{
	struct bios_registers r = {.eax = 0x0100};
	bios_call(0x16, &r); /* in which interrupts are on: keys come, and the clock goes on */
	if (r.flags & ZERO_FLAG)
		return KEY_NONE;
	r = (struct bios_registers){.eax = 0};
	bios_call(0x16, &r);
	return menu_key_of_bios(r.eax);
}

static unsigned take_serial_key(void)
{
	uint8_t byte;
	if (menu_serial_read(&byte)) {
		run.last_byte = run.clock.age;
		return menu_key_of_byte(&run.sequence, byte);
	}
	return run.clock.age - run.last_byte >= SILENCE ? menu_key_of_silence(&run.sequence) : KEY_NONE;
}

/* With what opened the menu nothing was chosen. */
static void forget_keys(void)
{
	menu_serial_begin();
	low_write16(BIOS_DATA_LAST_KEY, low_read16(BIOS_DATA_FIRST_KEY));
}

/* ---- the menu ---- */

static void show(void)
{
	menu_draw(&run.menu, menu_screens_canvas());
	menu_screens_show();
	run.stale = false;
}

static void show_page(enum menu_wish wish)
{
	struct menu_text *text = &run.menu.text;
	menu_text_begin(text, room()->text, sizeof room()->text);
	switch (wish) {
	case MENU_MEMORY:
		menu_info_memory(text);
		menu_show_text(&run.menu, "Memory map");
		break;
	case MENU_LOG:
		menu_info_log(text);
		menu_show_text(&run.menu, "What the loader said");
		break;
	case MENU_LAST_RUN:
		menu_info_last_run(text);
		menu_show_text(&run.menu, "The last run");
		break;
	default:
		menu_info_help(text);
		menu_show_text(&run.menu, "Help");
	}
}

static enum menu_wish next_wish(void)
{
	unsigned key = take_serial_key();
	if (!key)
		key = take_bios_key();
	if (menu_clock_poll(&run.clock, low_read16(BIOS_DATA_TICKS))) {
		enum menu_wish wish = menu_second(&run.menu);
		show();
		if (wish)
			return wish;
	}
	if (!key)
		return MENU_NOTHING;
	enum menu_wish wish = menu_key(&run.menu, key);
	if (wish != MENU_NOTHING && wish != MENU_START)
		show_page(wish);
	run.stale = true;
	return wish;
}

static void begin(const struct image_header *header, const struct image_config *text, struct start *start)
{
	struct config_error error;
	memset(&run, 0, sizeof run);
	config_parse(&run.config, text ? text->text : "", text ? text->size : 0, header, &error);
	/* Under QEMU it may have another command line than the configuration's. */
	struct config_entry *entry = &run.config.entry[run.config.chosen];
	entry->command_line = (struct config_words){room()->typed, strlen(start->command_line)};
	memcpy(room()->typed, start->command_line, entry->command_line.length);
	run.menu = (struct menu){
	        .header = header,
	        .config = &run.config,
	        .complaint = config_complaint,
	        .last_run = menu_info_ending(),
	        .start = start,
	};
}

void menu_run(const struct image_header *header, const struct image_config *text, uint32_t seconds, struct start *start)
{
	begin(header, text, start);
	menu_begin(&run.menu, seconds);
	forget_keys();
	menu_screens_begin(start->command_line, room()->screen); /* another mode can take a second */
	menu_clock_begin(&run.clock, low_read16(BIOS_DATA_TICKS));
	show();
	while (next_wish() != MENU_START)
		if (run.stale && !menu_serial_has_more()) /* what is pasted is not shown letter by letter */
			show();
	menu_screens_end();
	struct config_words name = run.config.entry[run.menu.selected].name;
	console_print(CONSOLE_NORMAL, "Menu: %.*s%s\n", (int)name.length, name.text,
	        run.menu.page == MENU_EDITOR ? ", with another command line" : "");
}
