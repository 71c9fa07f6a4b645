/*
 * The terminal's grid: the only place where cells are reached. Every function takes any numbers, and reaches only what
 * is there; so a terminal that an NMI changed between two lines of code loses text, but nothing else.
 */
#ifndef TTY_TERMINAL_CELLS_H
#define TTY_TERMINAL_CELLS_H

#include "tty/terminal.h"

/* [any] The cells of a row of the screen. */
struct cell *terminal_row(const struct terminal *terminal, unsigned int row);

/* [any] A blank in the pen's background: what is left where something was erased. */
struct cell terminal_erased(const struct terminal *terminal);

/* [any] These cells differ from before. */
void terminal_change(struct terminal *terminal, unsigned int row, unsigned int from, unsigned int to);

/* [any] Puts `length` (at least 1) printable characters of ASCII into a row with the pen, as many as fit; returns how
 * many those were. */
unsigned int terminal_put_ascii(struct terminal *terminal, const char *text, size_t length);

/* [any] Puts one character of `width` columns there with the pen. */
void terminal_put(
        struct terminal *terminal, unsigned int column, unsigned int row, uint32_t character, unsigned int width);

/* [any] Erases columns `from` to before `to` of a row. */
void terminal_erase(struct terminal *terminal, unsigned int row, unsigned int from, unsigned int to);

/* [any] Moves the cells right of `column` in a row by `count`, to the right or to the left, and erases what is free. */
void terminal_insert(struct terminal *terminal, unsigned int column, unsigned int row, unsigned int count);
void terminal_delete(struct terminal *terminal, unsigned int column, unsigned int row, unsigned int count);

/* [any] Moves the rows `top` to before `bottom` by `count`, up or down, and erases what is free. What leaves the whole
 * screen upwards is kept. */
void terminal_scroll_up(struct terminal *terminal, unsigned int top, unsigned int bottom, unsigned int count);
void terminal_scroll_down(struct terminal *terminal, unsigned int top, unsigned int bottom, unsigned int count);

#endif
