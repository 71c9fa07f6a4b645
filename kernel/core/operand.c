#include "core/operand.h"

#define REX_MASK 0xf0
#define REX      0x40
#define REX_X    2 /* bit 3 of the index register's number */
#define REX_B    1 /* and of the base's */

#define MODRM_REGISTER 3 /* the mode without memory */
#define NO_INDEX       4 /* RSP's number: in ModRM it means that a SIB follows, in SIB that there is no index */
#define NO_BASE        5 /* RBP's, in mode 0: a displacement instead (in ModRM: from RIP) */

struct reader {
	const uint8_t *next, *end;
	uint8_t rex;
};

static bool take(struct reader *r, uint8_t *byte)
{
	if (r->next == r->end)
		return false;
	*byte = *r->next++;
	return true;
}

static bool is_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0x2e || byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0xf0 ||
	       byte == 0xf2 || byte == 0xf3;
}

/* Of the opcodes with one byte. */
static bool has_modrm(uint8_t opcode)
{
	if (opcode < 0x40)
		return (opcode & 7) < 4;
	return opcode == 0x63 || opcode == 0x69 || opcode == 0x6b || (opcode >= 0x80 && opcode <= 0x8f) ||
	       opcode == 0xc0 || opcode == 0xc1 || opcode == 0xc6 || opcode == 0xc7 ||
	       (opcode >= 0xd0 && opcode <= 0xd3) || (opcode >= 0xd8 && opcode <= 0xdf) || opcode == 0xf6 ||
	       opcode == 0xf7 || opcode == 0xfe || opcode == 0xff;
}

/* Of those that begin with 0Fh. */
static bool has_modrm_0f(uint8_t opcode)
{
	return !((opcode >= 0x05 && opcode <= 0x0b) || (opcode >= 0x30 && opcode <= 0x37) || opcode == 0x77 ||
	         (opcode >= 0x80 && opcode <= 0x8f) || (opcode >= 0xa0 && opcode <= 0xa2) ||
	         (opcode >= 0xa8 && opcode <= 0xaa) || (opcode >= 0xc8 && opcode <= 0xcf));
}

/* Leaves the reader at the ModRM byte, if there is one. */
static bool skip_opcode(struct reader *r)
{
	uint8_t byte;

	do {
		if (!take(r, &byte))
			return false;
	} while (is_prefix(byte));
	if ((byte & REX_MASK) == REX) {
		r->rex = byte;
		if (!take(r, &byte))
			return false;
	}
	if (byte != 0x0f)
		return has_modrm(byte);
	if (!take(r, &byte))
		return false;
	if (byte == 0x38 || byte == 0x3a)
		return take(r, &byte);
	return has_modrm_0f(byte);
}

/* By the number that instructions use. */
static uint64_t register_value(const struct trap_frame *f, unsigned int number)
{
	const uint64_t values[16] = {f->rax, f->rcx, f->rdx, f->rbx, f->rsp, f->rbp, f->rsi, f->rdi, f->r8, f->r9,
	        f->r10, f->r11, f->r12, f->r13, f->r14, f->r15};

	return values[number];
}

static bool add_displacement(struct reader *r, unsigned int bytes, uint64_t *address)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < bytes; i++) {
		uint8_t byte;

		if (!take(r, &byte))
			return false;
		value |= (uint32_t)byte << 8 * i;
	}
	*address += bytes == 1 ? (uint64_t)(int8_t)value : (uint64_t)(int32_t)value;
	return true;
}

bool operand_find(const uint8_t *code, size_t size, const struct trap_frame *frame, uint64_t *address)
{
	struct reader r = {code, code + size, 0};
	uint8_t modrm, sib, mode, base;

	if (!skip_opcode(&r) || !take(&r, &modrm))
		return false;
	mode = modrm >> 6;
	base = modrm & 7;
	*address = 0;
	if (mode == MODRM_REGISTER || (mode == 0 && base == NO_BASE))
		return false;
	if (base == NO_INDEX) {
		unsigned int index;

		if (!take(&r, &sib))
			return false;
		index = (sib >> 3 & 7) | (r.rex & REX_X ? 8 : 0);
		base = sib & 7;
		if (index != NO_INDEX)
			*address += register_value(frame, index) << (sib >> 6);
		if (mode == 0 && base == NO_BASE)
			return add_displacement(&r, 4, address);
	}
	*address += register_value(frame, base | (r.rex & REX_B ? 8 : 0));
	return add_displacement(&r, mode == 0 ? 0 : mode == 1 ? 1 : 4, address);
}
