#include "core/registers.h"

#include "core/log.h"
#include "core/owner.h"
#include "cpu.h"
#include "paging.h"

#define WORD(name) (offsetof(struct trap_frame, name) / sizeof(uint64_t))

static const struct {
	char name[4];
	uint8_t word; /* of the frame */
} registers[] = {
        {"rax", WORD(rax)},
        {"rbx", WORD(rbx)},
        {"rcx", WORD(rcx)},
        {"rdx", WORD(rdx)},
        {"rsi", WORD(rsi)},
        {"rdi", WORD(rdi)},
        {"rbp", WORD(rbp)},
        {"rsp", WORD(rsp)},
        {"r8", WORD(r8)},
        {"r9", WORD(r9)},
        {"r10", WORD(r10)},
        {"r11", WORD(r11)},
        {"r12", WORD(r12)},
        {"r13", WORD(r13)},
        {"r14", WORD(r14)},
        {"r15", WORD(r15)},
        {"rip", WORD(rip)},
};

enum { COUNT = sizeof(registers) / sizeof(registers[0]), PER_LINE = 3 };

static uint64_t value_of(const struct trap_frame *frame, size_t index)
{
	return ((const uint64_t *)frame)[registers[index].word];
}

void registers_print(const struct trap_frame *f, uint64_t cr2)
{
	for (size_t i = 0; i < COUNT; i++)
		log_info(
		        "%-3s %016lx%s", registers[i].name, value_of(f, i), i % PER_LINE == PER_LINE - 1 ? "\n" : "  ");
	log_info("cr2 %016lx\n", cr2);
	log_info("cr0 %lx  cr3 %lx  cr4 %lx  rflags %lx  cs %lx  ss %lx\n", cpu_read_cr0(), cpu_read_cr3(),
	        cpu_read_cr4(), f->rflags, f->cs, f->ss);
}

void registers_print_not_canonical(const struct trap_frame *f)
{
	char text[DESCRIBER_TEXT_MAX];

	for (size_t i = 0; i < COUNT; i++) {
		uint64_t value = value_of(f, i);

		if (!paging_is_canonical(value))
			log_error("%s holds %016lx: %s\n", registers[i].name, value,
			        owner_describe(value, "no canonical address", text));
	}
}
