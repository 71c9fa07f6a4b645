#include "menu_state.h"

#include "menu_keys.h"

void menu_begin(struct menu *menu, uint32_t seconds)
{
	menu->page = MENU_ENTRIES;
	menu->selected = menu->config->chosen;
	menu->counts = true;
	menu->seconds = seconds;
}

static enum menu_wish start(struct menu *menu, uint32_t entry)
{
	menu->selected = entry;
	config_take(menu->start, &menu->config->entry[entry]);
	return MENU_START;
}

static void edit(struct menu *menu)
{
	config_take(menu->start, &menu->config->entry[menu->selected]);
	menu_line_begin(&menu->line, menu->start->command_line, sizeof menu->start->command_line - 1);
	menu->page = MENU_EDITOR;
}

static enum menu_wish entries_key(struct menu *menu, unsigned key)
{
	uint32_t last = menu->config->count - 1;
	bool counts = menu->counts;
	menu->counts = false;
	switch (key) {
	case KEY_ESCAPE:
		break;
	case KEY_UP:
		menu->selected -= menu->selected > 0;
		break;
	case KEY_DOWN:
		menu->selected += menu->selected < last;
		break;
	case KEY_HOME:
		menu->selected = 0;
		break;
	case KEY_END:
		menu->selected = last;
		break;
	case KEY_ENTER:
		return start(menu, menu->selected);
	case 'e':
		edit(menu);
		break;
	case 'm':
		return MENU_MEMORY;
	case 'l':
		return MENU_LOG;
	case 'p':
		return menu->last_run ? MENU_LAST_RUN : MENU_NOTHING;
	case 'h':
	case '?':
	case KEY_HELP:
		return MENU_HELP;
	default:
		if (key >= '1' && key <= '1' + last)
			return start(menu, key - '1');
		menu->counts = counts; /* what means nothing may be noise */
	}
	return MENU_NOTHING;
}

static enum menu_wish editor_key(struct menu *menu, unsigned key)
{
	if (key == KEY_ENTER)
		return MENU_START;
	if (key == KEY_ESCAPE)
		menu->page = MENU_ENTRIES;
	else
		menu_line_key(&menu->line, key, MENU_LINE_COLUMNS);
	return MENU_NOTHING;
}

/* Who opened the menu by Shift may hold it still. */
static unsigned without_shift(unsigned key)
{
	return key >= 'A' && key <= 'Z' ? key + ('a' - 'A') : key;
}

enum menu_wish menu_key(struct menu *menu, unsigned key)
{
	if (menu->page == MENU_EDITOR)
		return editor_key(menu, key);
	key = without_shift(key);
	if (menu->page == MENU_ENTRIES)
		return entries_key(menu, key);
	if (key == KEY_ESCAPE || key == KEY_ENTER || key == 'q')
		menu->page = MENU_ENTRIES;
	else
		menu_text_key(&menu->text, key);
	return MENU_NOTHING;
}

enum menu_wish menu_second(struct menu *menu)
{
	if (!menu->counts)
		return MENU_NOTHING;
	menu->seconds -= menu->seconds > 0;
	return menu->seconds ? MENU_NOTHING : start(menu, menu->config->chosen);
}

void menu_show_text(struct menu *menu, const char *title)
{
	menu->title = title;
	menu->page = MENU_TEXT;
}
