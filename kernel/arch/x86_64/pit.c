#include "pit.h"

#include "cpu.h"

#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43

/* Commands of the 8254's data sheet. */
#define READ_BACK_CHANNEL0 0xc2 /* latch status and count */
#define CHANNEL0_ONCE      0x30 /* mode 0: the output rises at the end of the count, which both bytes must begin */
#define CHANNEL2_RATE      0xb4 /* mode 2: counts round and round */
#define CHANNEL2_LATCH     0x80

/* Port B of the PC: two of its bits belong to channel 2. */
#define PORT_B         0x61
#define PORT_B_GATE    0x01 /* it counts */
#define PORT_B_SPEAKER 0x02
#define PORT_B_MASK    0x0f /* the others are read-only */

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

void pit_stop(void)
{
	cpu_out8(PIT_COMMAND, CHANNEL0_ONCE);
}

/* A count of 0 is the longest. */
void pit_arm(uint32_t ticks)
{
	cpu_out8(PIT_COMMAND, CHANNEL0_ONCE);
	cpu_out8(PIT_CHANNEL0, (uint8_t)ticks);
	cpu_out8(PIT_CHANNEL0, (uint8_t)(ticks >> 8));
}

void pit_start_clock(void)
{
	cpu_out8(PORT_B, (cpu_in8(PORT_B) & PORT_B_MASK & ~PORT_B_SPEAKER) | PORT_B_GATE);
	cpu_out8(PIT_COMMAND, CHANNEL2_RATE);
	cpu_out8(PIT_CHANNEL2, 0);
	cpu_out8(PIT_CHANNEL2, 0);
}

/* Two reads of one latched count: nobody may come in between. The count falls. */
uint64_t pit_read_clock(void)
{
	uint64_t flags = cpu_interrupts_save();
	unsigned int low, count;

	cpu_out8(PIT_COMMAND, CHANNEL2_LATCH);
	low = cpu_in8(PIT_CHANNEL2);
	count = low | (unsigned int)cpu_in8(PIT_CHANNEL2) << 8;
	cpu_interrupts_restore(flags);
	return (PIT_TICKS_MAX - count) % PIT_TICKS_MAX;
}
