#include "menu_view.h"

#include "lib/string.h"

#define LEFT        2u
#define VALUES      17u /* column */
#define MORE_WIDTH  12u /* " and 15 more" */
#define TITLE_ROW   1u
#define FIRST_ROW   3u
#define DETAIL_ROWS (2u + LINE_ROWS)
#define LINE_ROWS   3u /* of a command line that is only shown */
#define KEYS_ROW    (CANVAS_ROWS - 1)
#define COUNT_ROW   (KEYS_ROW - 2)
#define RUN_ROW     (COUNT_ROW - 1)
#define NOTE_ROWS   2u
#define NOTE_ROW    (RUN_ROW - NOTE_ROWS)
#define EDIT_ROWS   (KEYS_ROW - 1 - FIRST_ROW)
_Static_assert(FIRST_ROW + CONFIG_ENTRY_MAX + 1 + DETAIL_ROWS < NOTE_ROW, "each has a row of its own");
_Static_assert(FIRST_ROW + MENU_TEXT_ROWS < KEYS_ROW, "so has the text");
_Static_assert(LEFT + MENU_LINE_COLUMNS < CANVAS_COLUMNS && LEFT + MENU_TEXT_COLUMNS < CANVAS_COLUMNS, "and columns");

struct key_name {
	const char *key, *word;
};

static void draw_keys(struct canvas *canvas, const struct key_name *name)
{
	for (unsigned column = LEFT; name->key; name++) {
		canvas_print(canvas, KEYS_ROW, column, CANVAS_BRIGHT, "%s", name->key);
		column += strlen(name->key) + 1;
		canvas_print(canvas, KEYS_ROW, column, CANVAS_PLAIN, "%s", name->word);
		column += strlen(name->word) + 3;
	}
}

static void draw_modules(const struct menu *menu, struct canvas *canvas, unsigned row, uint32_t modules)
{
	const char *comma = "";
	unsigned column = VALUES, end = CANVAS_COLUMNS - LEFT - MORE_WIDTH, more = 0;
	if (!modules)
		canvas_print(canvas, row, column, CANVAS_PLAIN, "none");
	for (uint32_t i = 0; i < menu->header->module_count; i++) {
		const char *name = menu->header->module[i].name;
		if (!(modules & 1u << i))
			continue;
		if (more || column + strlen(comma) + strlen(name) > end) {
			more++;
			continue;
		}
		canvas_print(canvas, row, column, CANVAS_PLAIN, "%s%s", comma, name);
		column += strlen(comma) + strlen(name);
		comma = ", ";
	}
	if (more)
		canvas_print(canvas, row, column, CANVAS_PLAIN, " and %u more", more);
}

static void draw_details(const struct menu *menu, struct canvas *canvas)
{
	const struct config_entry *entry = &menu->config->entry[menu->selected];
	struct config_words line = entry->command_line;
	unsigned row = FIRST_ROW + menu->config->count + 1, columns = CANVAS_COLUMNS - LEFT - VALUES;
	bool preferred = entry->slot == menu->header->preferred_slot;
	canvas_print(canvas, row, LEFT, CANVAS_PLAIN, "Kernel");
	canvas_print(canvas, row++, VALUES, CANVAS_PLAIN, "slot %c%s", 'A' + (int)entry->slot,
	        preferred ? ", the preferred one" : "");
	canvas_print(canvas, row, LEFT, CANVAS_PLAIN, "Modules");
	draw_modules(menu, canvas, row++, entry->modules);
	canvas_print(canvas, row, LEFT, CANVAS_PLAIN, "Command line");
	if (!line.length)
		canvas_print(canvas, row, VALUES, CANVAS_PLAIN, "empty");
	unsigned rows = canvas_wrap(canvas, row, VALUES, columns, LINE_ROWS, line.text, line.length);
	if (line.length > rows * columns)
		canvas_print(canvas, row + rows - 1, VALUES + columns - 3, CANVAS_PLAIN, "...");
}

static void draw_notes(const struct menu *menu, struct canvas *canvas)
{
	const char *complaint = menu->complaint;
	unsigned rows =
	        canvas_wrap(canvas, NOTE_ROW, LEFT, CANVAS_COLUMNS - 2 * LEFT, NOTE_ROWS, complaint, strlen(complaint));
	for (unsigned row = 0; row < rows; row++)
		canvas_colour_row(canvas, NOTE_ROW + row, CANVAS_NOTE);
	if (menu->last_run)
		canvas_print(canvas, RUN_ROW, LEFT, CANVAS_NOTE, "The last run %s.", menu->last_run);
	if (menu->counts)
		canvas_print(canvas, COUNT_ROW, LEFT, CANVAS_PLAIN, "Starts in %u second%s; Esc stops the count.",
		        menu->seconds, menu->seconds == 1 ? "" : "s");
}

static void draw_entries(const struct menu *menu, struct canvas *canvas)
{
	static const struct key_name keys[] = {
	        {"Enter", "start"}, {"e", "edit"}, {"m", "memory"}, {"l", "log"}, {"h", "help"}, {NULL, NULL}};
	static const struct key_name keys_after_a_run[] = {{"Enter", "start"}, {"e", "edit"}, {"m", "memory"},
	        {"l", "log"}, {"p", "last run"}, {"h", "help"}, {NULL, NULL}};
	const struct config *config = menu->config;
	canvas_print(canvas, TITLE_ROW, LEFT, CANVAS_BRIGHT, "Cairn");
	canvas_print(canvas, TITLE_ROW, LEFT + 7, CANVAS_PLAIN, "What shall be started?");
	for (uint32_t i = 0; i < config->count; i++) {
		struct config_words name = config->entry[i].name;
		canvas_print(canvas, FIRST_ROW + i, LEFT, CANVAS_BRIGHT, "%u", i + 1);
		canvas_print(canvas, FIRST_ROW + i, LEFT + 3, CANVAS_PLAIN, "%.*s", (int)name.length, name.text);
		if (i == config->chosen && config->count > 1)
			canvas_print(canvas, FIRST_ROW + i, CANVAS_COLUMNS - LEFT - 7, CANVAS_PLAIN, "default");
	}
	canvas_colour_row(canvas, FIRST_ROW + menu->selected, CANVAS_CHOSEN);
	draw_details(menu, canvas);
	draw_notes(menu, canvas);
	draw_keys(canvas, menu->last_run ? keys_after_a_run : keys);
}

static void draw_editor(const struct menu *menu, struct canvas *canvas)
{
	static const struct key_name keys[] = {
	        {"Enter", "start"}, {"Esc", "back"}, {"Ctrl-U", "delete to the left"}, {NULL, NULL}};
	const struct menu_line *line = &menu->line;
	struct config_words name = menu->config->entry[menu->selected].name;
	uint32_t row = line->cursor / MENU_LINE_COLUMNS;
	uint32_t first = row < EDIT_ROWS ? 0 : row - (EDIT_ROWS - 1), skipped = first * MENU_LINE_COLUMNS;
	canvas_print(canvas, TITLE_ROW, LEFT, CANVAS_BRIGHT, "Command line of %.*s", (int)name.length, name.text);
	canvas_print(canvas, TITLE_ROW, LEFT + 16 + name.length + 2, CANVAS_PLAIN, "for this start only");
	canvas_wrap(
	        canvas, FIRST_ROW, LEFT, MENU_LINE_COLUMNS, EDIT_ROWS, line->text + skipped, line->length - skipped);
	canvas->cursor = (FIRST_ROW + row - first) * CANVAS_COLUMNS + LEFT + line->cursor % MENU_LINE_COLUMNS;
	draw_keys(canvas, keys);
}

static void draw_text(const struct menu *menu, struct canvas *canvas)
{
	static const struct key_name back[] = {{"Esc", "back"}, {NULL, NULL}};
	static const struct key_name scroll[] = {{"Esc", "back"}, {"Up Down PgUp PgDn", "scroll"}, {NULL, NULL}};
	const struct menu_text *text = &menu->text;
	uint32_t end = text->top + MENU_TEXT_ROWS < text->lines ? text->top + MENU_TEXT_ROWS : text->lines;
	canvas_print(canvas, TITLE_ROW, LEFT, CANVAS_BRIGHT, "%s", menu->title);
	for (uint32_t i = text->top; i < end; i++) {
		uint32_t length;
		const char *line = menu_text_line(text, i, &length);
		canvas_print(canvas, FIRST_ROW + i - text->top, LEFT, CANVAS_PLAIN, "%.*s", (int)length, line);
	}
	draw_keys(canvas, text->lines > MENU_TEXT_ROWS ? scroll : back);
	if (text->lines > MENU_TEXT_ROWS)
		canvas_print(canvas, KEYS_ROW, CANVAS_COLUMNS - LEFT - 20, CANVAS_PLAIN, "lines %3u-%3u of %3u",
		        text->top + 1, end, text->lines);
}

void menu_draw(const struct menu *menu, struct canvas *canvas)
{
	canvas_clear(canvas);
	if (menu->page == MENU_ENTRIES)
		draw_entries(menu, canvas);
	else if (menu->page == MENU_EDITOR)
		draw_editor(menu, canvas);
	else
		draw_text(menu, canvas);
}
