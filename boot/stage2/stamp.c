#include "stamp.h"

#include "bios.h"
#include "layout.h"

#define PIT_CHANNEL0  0x40
#define PIT_COMMAND   0x43
#define PIT_READ_BACK 0xc2 /* latch count and status of channel 0 */

#define EFLAGS_ID (1u << 21)
#define CPUID_TSC (1u << 4)

static struct boot_stamp stamps[BOOT_STAMP_COUNT];
static uint32_t stamp_count;

bool cpu_has_cpuid(void)
{
	uint32_t before, after;
	__asm__ volatile("pushfl; popl %0; movl %0, %1; xorl %2, %1; pushl %1; popfl; pushfl; popl %1; pushl %0; popfl"
	                 : "=&r"(before), "=&r"(after)
	                 : "i"(EFLAGS_ID));
	return (before ^ after) & EFLAGS_ID;
}

bool cpu_has_tsc(void)
{
	uint32_t eax = 1, ebx, ecx, edx;
	if (!cpu_has_cpuid())
		return false;
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	return edx & CPUID_TSC;
}

uint64_t cpu_tsc(void)
{
	uint64_t tsc = 0;
	if (cpu_has_tsc())
		__asm__ volatile("rdtsc" : "=A"(tsc));
	return tsc;
}

void stamp(enum boot_event event)
{
	if (stamp_count == BOOT_STAMP_COUNT)
		return;
	struct boot_stamp *s = &stamps[stamp_count++];
	s->event = event;
	s->tsc = cpu_tsc();
	port_write8(PIT_COMMAND, PIT_READ_BACK);
	s->pit_status = port_read8(PIT_CHANNEL0);
	s->pit_count = port_read8(PIT_CHANNEL0);
	s->pit_count |= port_read8(PIT_CHANNEL0) << 8;
}

IN_REST uint32_t stamp_copy(struct boot_stamp *to)
{
	for (uint32_t i = 0; i < stamp_count; i++)
		to[i] = stamps[i];
	return stamp_count;
}
