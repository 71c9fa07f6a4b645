/*
 * The kernel's black box (lib/black_box.h): its log and its last words, in memory that survives a reset, and what the
 * run before this one left there. Without a box, or before it is there, nothing of this does anything.
 */
#ifndef CORE_BLACK_BOX_H
#define CORE_BLACK_BOX_H

#include "boot/boot_info.h"
#include "lib/black_box.h"

/* [init] Before anything is printed: from here on the log is kept in the box. */
void black_box_start(const struct boot_info *info);

/* [init] How the name of the task that runs is had: [irq], NULL if none does. */
void black_box_name_tasks(const char *(*name)(void));

/* [init] One line, if the last run did not end as a person wanted. */
void black_box_print_ending(void);

/* [any] What the last run left; NULL: nothing. */
const struct black_box_run *black_box_previous(void);

/* [any] Is there a box? */
bool black_box_is_there(void);

/* [irq] How this run ends, or after all does not. Of panics and faults the first counts. */
void black_box_end(enum black_box_state state);

/* [task] What a person, or the command line, has just asked for; length 0: it is done. */
void black_box_command_runs(const char *text, size_t length);

#endif
