/*
 * The pure functions as the kernel's compiler flags made them. The host tests are the thorough ones.
 */
#include "kernel_test.h"

#include "lib/format.h"
#include "lib/human_size.h"
#include "lib/string.h"

KERNEL_TEST(string_memory)
{
	static uint8_t area[400];

	for (unsigned int i = 0; i < sizeof(area); i++)
		area[i] = (uint8_t)i;
	memmove(area + 3, area, 300);
	EXPECT(area[2] == 2 && area[3] == 0 && area[302] == (uint8_t)299 && area[303] == (uint8_t)303);
	memmove(area, area + 3, 300);
	EXPECT(area[0] == 0 && area[299] == (uint8_t)299);
	memset(area + 1, 0xa5, 200);
	for (unsigned int i = 1; i <= 200; i++)
		EXPECT(area[i] == 0xa5);
	EXPECT(area[0] == 0 && area[201] == 201);
	memcpy(area, area + 200, 150);
	EXPECT(memcmp(area, area + 200, 150) == 0);
	EXPECT(memcmp(area, area + 201, 150) != 0);
}

KERNEL_TEST(string_text)
{
	EXPECT(strlen("Cairn") == 5 && strnlen("Cairn", 3) == 3);
	EXPECT(strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && strcmp("a", "a") == 0);
	EXPECT(strncmp("ab", "ac", 1) == 0 && strncmp("ab", "ac", 2) < 0);
	EXPECT(*strchr("Cairn", 'r') == 'r' && strchr("Cairn", 'x') == NULL);
}

KERNEL_TEST(format)
{
	char text[80];
	size_t length = format_string(
	        text, sizeof(text), "%5d|%-5u|%05x|%s|%lu|%ld", -42, 7u, 0xbeefu, "word", UINT64_MAX, INT64_MIN);

	EXPECT(strcmp(text, "  -42|7    |0beef|word|18446744073709551615|-9223372036854775808") == 0);
	EXPECT(length == strlen(text));
	EXPECT(format_string(text, 4, "truncated") == 9 && strcmp(text, "tru") == 0);
}

KERNEL_TEST(human_size)
{
	char text[HUMAN_SIZE_MAX];

	EXPECT(strcmp(human_size(639 * 1024, text), "639 KiB") == 0);
	EXPECT(strcmp(human_size(UINT64_MAX, text), "16777215.9 TiB") == 0);
}
