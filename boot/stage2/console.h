/*
 * Everything the loader says goes to the VGA text screen (where there is one), COM1, the debug port E9h and a log in
 * memory that the kernel gets.
 */
#ifndef STAGE2_CONSOLE_H
#define STAGE2_CONSOLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/boot_info.h"

enum console_colour { CONSOLE_NORMAL = 0x07, CONSOLE_NOTE = 0x0e, CONSOLE_ERROR = 0x4f };

#define CONSOLE_LOG_SIZE 4096u

/* Finds out what is there and clears the screen. */
void console_init(void);

void console_print(enum console_colour colour, const char *format, ...) __attribute__((format(printf, 2, 3)));
void console_print_args(enum console_colour colour, const char *format, va_list args)
        __attribute__((format(printf, 2, 0)));

/* The cells of the line on which the screen's next character goes; NULL if there is no screen. */
volatile uint16_t *console_line(void);

/* Is there a byte from COM1? It is taken. */
bool console_key(void);

/* Has somebody typed on COM1 since the machine is on? */
bool console_serial_was_typed(void);

/* A byte from COM1, if one has come, and unharmed. */
bool console_serial_read(uint8_t *byte);

/* To COM1 alone, as it is. */
void console_serial_write(const char *text, size_t length);

/* Fills in the screen and the log for the kernel. */
void console_describe(struct boot_text_screen *screen, const char **log, uint32_t *log_length);

#endif
