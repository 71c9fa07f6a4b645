/*
 * What the terminal does for controls and sequences: ECMA-48, and DEC's own as in the VT100 and VT220.
 */
#ifndef TTY_TERMINAL_SEQUENCES_H
#define TTY_TERMINAL_SEQUENCES_H

#include "tty/terminal.h"

/* [any] A control character, below 20h. */
void terminal_control(struct terminal *terminal, uint8_t control);

/* [any] ESC, perhaps an intermediate byte, `final`. */
void terminal_escape(struct terminal *terminal, uint8_t final);

/* [any] CSI ... `final`, with what the parser collected. */
void terminal_csi(struct terminal *terminal, uint8_t final);

/* [any] CSI ... m: colours and attributes. */
void terminal_select_graphics(struct terminal *terminal);

/* [any] One row down, which scrolls at the bottom of the region. */
void terminal_line_feed(struct terminal *terminal);

/* [any] Everything as at the start (RIS), but for what is in the cells and in the parser. */
void terminal_reset(struct terminal *terminal);

/* [any] The parameter `index`, or `otherwise` where none was given. */
unsigned int terminal_parameter(const struct terminal *terminal, unsigned int index, unsigned int otherwise);

#endif
