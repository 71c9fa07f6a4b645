#include "reset.h"

#include "cpu.h"

#define PORT_RESET   0xcf9
#define RESET_SYSTEM 0x02 /* the whole board, not only the CPU */
#define RESET_CPU    0x04 /* from 0 to 1: now */
#define RESET_POWER  0x08 /* power goes off and on again */

void reset_by_chipset(void)
{
	uint8_t others = cpu_in8(PORT_RESET) & (uint8_t) ~(RESET_SYSTEM | RESET_CPU | RESET_POWER);

	cpu_out8(PORT_RESET, others | RESET_SYSTEM);
	cpu_out8(PORT_RESET, others | RESET_SYSTEM | RESET_CPU);
}

void reset_by_triple_fault(void)
{
	static const struct cpu_table_pointer no_table = {0, 0};

	cpu_disable_interrupts();
	cpu_load_idt(&no_table);
	cpu_invalid_opcode();
	cpu_stop();
}
