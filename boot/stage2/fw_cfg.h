/* QEMU's configuration device (docs/specs/fw_cfg in QEMU): how a person passes words to the guest. */
#ifndef STAGE2_FW_CFG_H
#define STAGE2_FW_CFG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads the item `name` into `to`, at most `room` bytes; *size is how many it has. False if this is not QEMU or it has
 * no such item.
 */
bool fw_cfg_read(const char *name, char *to, uint32_t room, uint32_t *size);

#endif
