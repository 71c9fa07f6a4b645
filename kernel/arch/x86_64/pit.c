#include "pit.h"

#include "cpu.h"

#define PIT_CHANNEL0 0x40
#define PIT_COMMAND  0x43

#define READ_BACK_CHANNEL0 0xc2 /* latch status and count */

void pit_stamp(struct boot_stamp *stamp)
{
	uint8_t low;

	*stamp = (struct boot_stamp){0};
	cpu_out8(PIT_COMMAND, READ_BACK_CHANNEL0);
	stamp->tsc = cpu_read_tsc();
	stamp->pit_status = cpu_in8(PIT_CHANNEL0);
	low = cpu_in8(PIT_CHANNEL0);
	stamp->pit_count = (uint16_t)(low | cpu_in8(PIT_CHANNEL0) << 8);
}
