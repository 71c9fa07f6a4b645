#include "pic.h"

#include "cpu.h"

/* Ports and initialisation words of the 8259A's data sheet. */
#define MASTER_COMMAND 0x20
#define MASTER_DATA    0x21
#define SLAVE_COMMAND  0xa0
#define SLAVE_DATA     0xa1

#define ICW1_BEGIN  0x11 /* four words, cascaded, edge-triggered */
#define ICW3_MASTER 0x04 /* the slave hangs at line 2 */
#define ICW3_SLAVE  0x02
#define ICW4_8086   0x01
#define MASK_ALL    0xff

void pic_start(void)
{
	cpu_out8(MASTER_COMMAND, ICW1_BEGIN);
	cpu_out8(SLAVE_COMMAND, ICW1_BEGIN);
	cpu_out8(MASTER_DATA, PIC_FIRST_VECTOR);
	cpu_out8(SLAVE_DATA, PIC_FIRST_VECTOR + 8);
	cpu_out8(MASTER_DATA, ICW3_MASTER);
	cpu_out8(SLAVE_DATA, ICW3_SLAVE);
	cpu_out8(MASTER_DATA, ICW4_8086);
	cpu_out8(SLAVE_DATA, ICW4_8086);
	cpu_out8(MASTER_DATA, MASK_ALL);
	cpu_out8(SLAVE_DATA, MASK_ALL);
}
