#include "machine_end.h"

#include "cpu.h"

#define DEBUG_EXIT   0xf4 /* QEMU's isa-debug-exit where the tests put it: process status value * 2 + 1 */
#define EXIT_PASSED  0x10
#define EXIT_FAILED  0x11
#define BOCHS_PORT   0x8900 /* ends Bochs when it has got the word */
#define PM1A_QEMU    0x604  /* ACPI's PM1a control register of QEMU's i440FX and Q35 */
#define PM1A_OLD     0xb004 /* and of Bochs and older QEMU */
#define PM1_SLEEP_S5 0x2000 /* SLP_EN with SLP_TYP 0 */

void machine_end(bool passed)
{
	cpu_out32(DEBUG_EXIT, passed ? EXIT_PASSED : EXIT_FAILED);
	for (const char *p = "Shutdown"; *p != '\0'; p++)
		cpu_out8(BOCHS_PORT, (uint8_t)*p);
	cpu_out16(PM1A_QEMU, PM1_SLEEP_S5);
	cpu_out16(PM1A_OLD, PM1_SLEEP_S5);
	cpu_stop();
}

void machine_end_failed(void)
{
	machine_end(false);
}
