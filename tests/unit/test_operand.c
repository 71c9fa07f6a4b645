#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/operand.h"
#include "dice.h"

/* A value of its own in each register, far enough from the others. */
static const struct trap_frame frame = {
        .rax = 0x1000000000000000,
        .rcx = 0x1100000000000000,
        .rdx = 0x1200000000000000,
        .rbx = 0x1300000000000000,
        .rsp = 0x1400000000000000,
        .rbp = 0x1500000000000000,
        .rsi = 0x1600000000000000,
        .rdi = 0x1700000000000000,
        .r8 = 0x1800000000000000,
        .r9 = 0x1900000000000000,
        .r10 = 0x1a00000000000000,
        .r11 = 0x1b00000000000000,
        .r12 = 0x0c00000000000000,
        .r13 = 0x0d00000000000000,
        .r14 = 0x0e00000000000000,
        .r15 = 0x0f00000000000000,
};

#define CODE(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* The bytes are NASM's for the text. */
static const struct {
	const char *text;
	const uint8_t *code;
	size_t size;
	bool found;
	uint64_t address;
} cases[] = {
        {"mov al, [rdi]", CODE(0x8a, 0x07), true, 0x1700000000000000},
        {"mov byte [rdi], 1", CODE(0xc6, 0x07, 0x01), true, 0x1700000000000000},
        {"mov rax, [rbp]", CODE(0x48, 0x8b, 0x45, 0x00), true, 0x1500000000000000},
        {"mov rax, [rbp - 8]", CODE(0x48, 0x8b, 0x45, 0xf8), true, 0x14fffffffffffff8},
        {"mov rax, [rsp]", CODE(0x48, 0x8b, 0x04, 0x24), true, 0x1400000000000000},
        {"mov rax, [rsp + 128]", CODE(0x48, 0x8b, 0x84, 0x24, 0x80, 0, 0, 0), true, 0x1400000000000080},
        {"mov eax, [r12]", CODE(0x41, 0x8b, 0x04, 0x24), true, 0x0c00000000000000},
        {"mov eax, [r13]", CODE(0x41, 0x8b, 0x45, 0x00), true, 0x0d00000000000000},
        {"mov eax, [r13 + r12]", CODE(0x43, 0x8b, 0x44, 0x25, 0x00), true, 0x1900000000000000},
        {"add [rax + rbx * 8 + 1000h], ecx", CODE(0x01, 0x8c, 0xd8, 0, 0x10, 0, 0), true, 0xa800000000001000},
        {"mov eax, [rbx * 2 - 1]", CODE(0x8b, 0x44, 0x1b, 0xff), true, 0x25ffffffffffffff},
        {"mov eax, [rcx * 4 + 10h]", CODE(0x8b, 0x04, 0x8d, 0x10, 0, 0, 0), true, 0x4400000000000010},
        {"mov eax, [dword 10h]", CODE(0x8b, 0x04, 0x25, 0x10, 0, 0, 0), true, 0x10},
        {"movzx eax, byte [r9]", CODE(0x41, 0x0f, 0xb6, 0x01), true, 0x1900000000000000},
        {"lock cmpxchg [rdx], rcx", CODE(0xf0, 0x48, 0x0f, 0xb1, 0x0a), true, 0x1200000000000000},
        {"mov [rsi], ax", CODE(0x66, 0x89, 0x06), true, 0x1600000000000000},
        {"movbe eax, [rdi]", CODE(0x0f, 0x38, 0xf0, 0x07), true, 0x1700000000000000},
        {"call [r15 + 8]", CODE(0x41, 0xff, 0x57, 0x08), true, 0x0f00000000000008},
        {"mov rax, rbx", CODE(0x48, 0x89, 0xd8), false, 0},
        {"mov eax, [rel 0]", CODE(0x8b, 0x05, 0, 0, 0, 0), false, 0},
        {"mov rax, [gs:rdi]", CODE(0x65, 0x48, 0x8b, 0x07), false, 0},
        {"push rax", CODE(0x50), false, 0},
        {"ret", CODE(0xc3), false, 0},
        {"ud2", CODE(0x0f, 0x0b), false, 0},
        {"wrmsr", CODE(0x0f, 0x30), false, 0},
        {"jmp near", CODE(0x0f, 0x84, 0x44, 0x44, 0x44, 0x44), false, 0},
};

static void test_operands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t address = 0;

		if (operand_find(cases[i].code, cases[i].size, &frame, &address) != cases[i].found ||
		        (cases[i].found && address != cases[i].address))
			fail_msg("%s: %016llx", cases[i].text, (unsigned long long)address);
	}
}

/* Cut off anywhere, or any bytes: nothing behind the end is read. */
static void test_short(void **state)
{
	struct dice dice = dice_take("test_operand");
	uint64_t address;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t size = 0; size < cases[i].size; size++) {
			uint8_t *code = malloc(size != 0 ? size : 1);

			memcpy(code, cases[i].code, size);
			operand_find(code, size, &frame, &address);
			free(code);
		}
	}
	for (uint64_t round = 0; round < dice_rounds(10000); round++) {
		size_t size = dice_below(&dice, 16);
		uint8_t *code = malloc(size != 0 ? size : 1);

		for (size_t i = 0; i < size; i++)
			code[i] = (uint8_t)dice_roll(&dice);
		operand_find(code, size, &frame, &address);
		free(code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_operands),
	        cmocka_unit_test(test_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
