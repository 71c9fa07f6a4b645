#include "timer_line.h"

#include <stdint.h>

#include "cpu.h"

#define PIT_HERTZ    1193182
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND  0x43
#define MODE_RATE    0x34 /* channel 0, low then high byte, mode 2 */
#define MODE_STROBE  0x38 /* mode 4: the output stays high, and nothing comes until a count is written */

void timer_line_run(unsigned int hertz)
{
	uint16_t count = (uint16_t)(PIT_HERTZ / hertz);

	cpu_out8(PIT_COMMAND, MODE_RATE);
	cpu_out8(PIT_CHANNEL0, (uint8_t)count);
	cpu_out8(PIT_CHANNEL0, (uint8_t)(count >> 8));
}

void timer_line_stop(void)
{
	cpu_out8(PIT_COMMAND, MODE_STROBE);
}
