/* Addresses that stage2.ld lays down, and those of the kernel's address space that the loader fills. */
#ifndef STAGE2_LAYOUT_H
#define STAGE2_LAYOUT_H

#include <stdint.h>

#define STACK_LIMIT      0x1000u
#define STAGE1_REPORT    0x650u   /* struct stage1_report */
#define LOADER_LOW_END   0x30000u /* between here and 640 KiB it only unpacks the kernel */
#define DISK_BUFFER_SIZE 0x8000u
#define PAGE_SIZE        4096u

/* For a function in a file of the head that only the rest calls: it is loaded with the rest. */
#define IN_REST __attribute__((section(".rest_code")))

/* For a function that is called only after extra_load(). */
#define IN_EXTRA __attribute__((section(".extra_code")))

/* Parts of stage 2: what the head loads, in bytes, and where what few starts need begins and ends. */
extern char stage2_rest_size[], stage2_extra[], stage2_extra_end[];

extern char stage2_begin[] __attribute__((aligned(4096))), disk_buffer[] __attribute__((aligned(4096)));
extern char fault_stacks[]; /* a page */
extern char enter_long_page[], enter_long_end[], enter_long_load[];

static inline uint64_t page_down(uint64_t address)
{
	return address & ~(uint64_t)(PAGE_SIZE - 1);
}

static inline uint64_t page_up(uint64_t address)
{
	return page_down(address + PAGE_SIZE - 1);
}

#define DIRECT_MAP          0xffff800000000000ull
#define DIRECT_MAP_SIZE     (MAPPED_REGION - DIRECT_MAP) /* 64 TiB: RAM beyond it stays unmapped */
#define MAPPED_REGION       0xffffc00000000000ull
#define LOADER_VIRTUAL_END  0xffffe00000000000ull     /* from DIRECT_MAP to here the loader maps what it likes */
#define STACK_VIRTUAL       (MAPPED_REGION + 0x10000) /* the page below is the guard */
#define STACK_SIZE          0x4000u
#define TEXT_SCREEN_VIRTUAL (MAPPED_REGION + 0x20000)
#define FRAMEBUFFER_VIRTUAL (MAPPED_REGION + 0x40000000) /* a GiB of its own: page_tables_forget() */

#endif
