/*
 * The loader's part of the boot ledger: how long each of its steps took, by the time-stamp counter. What has passed
 * since the step before ended is charged to the step that ends; a step that comes again, like reading, is added up. So
 * the steps together are all the time from the first stamp on, and there is no table that could become full.
 */
#ifndef STAGE2_LEDGER_H
#define STAGE2_LEDGER_H

#include <stdint.h>

#include "boot/boot_info.h"

/* All steps, in the order in which they are shown, and what a person reads of them (BOOT_STEP_NAME_MAX). */
#define LEDGER_STEPS(STEP)                                                                                             \
	STEP(LEDGER_HEAD, "head, disk, header")                                                                        \
	STEP(LEDGER_REST, "rest of stage 2")                                                                           \
	STEP(LEDGER_CPU, "CPU")                                                                                        \
	STEP(LEDGER_A20, "A20")                                                                                        \
	STEP(LEDGER_MEMORY, "memory map")                                                                              \
	STEP(LEDGER_POST_MORTEM, "post-mortem")                                                                        \
	STEP(LEDGER_CONFIGURATION, "configuration")                                                                    \
	STEP(LEDGER_MENU, "menu")                                                                                      \
	STEP(LEDGER_PLACE, "kernel's place")                                                                           \
	STEP(LEDGER_ROOM, "room for files")                                                                            \
	STEP(LEDGER_READ, "reading files")                                                                             \
	STEP(LEDGER_CHECK, "checking files")                                                                           \
	STEP(LEDGER_SHA256, "SHA-256")                                                                                 \
	STEP(LEDGER_UNPACK, "unpacking")                                                                               \
	STEP(LEDGER_RELOCATE, "relocation")                                                                            \
	STEP(LEDGER_BOOT_SECTOR, "clock, boot sector")                                                                 \
	STEP(LEDGER_PAGE_TABLES, "page tables")                                                                        \
	STEP(LEDGER_INFO, "boot information")                                                                          \
	STEP(LEDGER_VIDEO, "video")                                                                                    \
	STEP(LEDGER_HAND_OVER, "handing over")

#define LEDGER_NUMBER(number, name) number,
enum ledger_step { LEDGER_STEPS(LEDGER_NUMBER) LEDGER_STEP_COUNT };

/* The first two steps are the head's, which has left stamps. To be called when the CPU is known to have a counter. */
void ledger_begin(void);

/* What has passed since the last call belongs to this step. */
void ledger_end(enum ledger_step step);

/* Copies the steps that there were, at most LEDGER_STEP_COUNT; returns how many. */
uint32_t ledger_copy(struct boot_step *to);

#endif
