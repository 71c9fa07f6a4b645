/*
 * Whose an address is, asked while a fault is reported.
 */
#ifndef CORE_OWNER_H
#define CORE_OWNER_H

#include "core/describer.h"

/*
 * [irq] What the describers know of an address; `otherwise` if none knows it. One that faults is told of by the fault's
 * handler, which comes back here by trap_abandon(): the others are asked all the same.
 */
const char *owner_describe(uint64_t address, const char *otherwise, char text[DESCRIBER_TEXT_MAX]);

#endif
