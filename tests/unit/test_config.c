/* Where the command line comes from, and what becomes of a configuration that is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "dice.h"
#include "sample_config.h"

static struct image_header header = {.config_lba = 2048};
static struct image_config config;

static int fresh(void **state)
{
	(void)state;
	host_stage2_reset();
	host_stage2.disk = &config;
	sample_config_fill(&config, "a=b\ncmdline=one two=3\ncmdline=later\n", 36);
	return 0;
}

static void text(const char *wanted, const char *line)
{
	sample_config_fill(&config, wanted, strlen(wanted));
	host_stage2.said[0] = 0;
	assert_string_equal(config_command_line(&header), line);
}

static void the_image_says_it(void **state)
{
	(void)state;
	assert_string_equal(config_command_line(&header), "one two=3");
	text("cmdline=\n", "");
	text("a=b\n", "");
	text("", "");
	text("cmdlin=x\ncmdlines=y\ncmdline=z\n", "z");
	assert_string_equal(host_stage2.said, "");
}

static void a_damaged_one_is_said_and_empty(void **state)
{
	(void)state;
	config.text[1] ^= 1;
	assert_string_equal(config_command_line(&header), "");
	assert_string_equal(host_stage2.said,
	        "Configuration at LBA 2048: the configuration is damaged; the command line is empty\n");
	text("cmdline=x\nnonsense\n", "");
	assert_non_null(strstr(host_stage2.said, "a line that is not name=value"));
	fresh(NULL);
	host_stage2.disk_fails = true;
	assert_string_equal(config_command_line(&header), "");
	assert_string_equal(host_stage2.said,
	        "Configuration at LBA 2048: cannot be read (INT 13h status 80); the command line is empty\n");
}

static void a_full_one_fits(void **state)
{
	static char full[IMAGE_CONFIG_TEXT_MAX];
	const char *line;

	(void)state;
	memset(full, 'x', sizeof(full));
	memcpy(full, "cmdline=", 8);
	full[sizeof(full) - 1] = '\n';
	sample_config_fill(&config, full, sizeof(full));
	line = config_command_line(&header);
	assert_int_equal(strlen(line), sizeof(full) - 9);
	assert_memory_equal(line, full + 8, sizeof(full) - 9);
}

static void qemu_says_it_instead(void **state)
{
	(void)state;
	host_stage2.words = "test\x1b[2J=\n\0\x7f\xc3\xa4";
	host_stage2.words_size = 14;
	assert_string_equal(config_command_line(&header), "test?[2J=???\xc3\xa4");
	host_stage2.words_size = 0;
	assert_string_equal(config_command_line(&header), "");
	assert_string_equal(host_stage2.said, "");
}

static void too_many_words_are_cut(void **state)
{
	static char words[IMAGE_CONFIG_TEXT_MAX + 10];

	(void)state;
	memset(words, 'w', sizeof(words));
	host_stage2.words = words;
	host_stage2.words_size = IMAGE_CONFIG_TEXT_MAX;
	assert_int_equal(strlen(config_command_line(&header)), IMAGE_CONFIG_TEXT_MAX);
	assert_string_equal(host_stage2.said, "");
	host_stage2.words_size++;
	assert_int_equal(strlen(config_command_line(&header)), IMAGE_CONFIG_TEXT_MAX);
	assert_non_null(strstr(host_stage2.said, "has 4081 characters; the first 4080 are used"));
}

static void agrees_with_the_other_opinion(void **state)
{
	static const char letters[] = "cmdline=a\n\n=\t";
	struct dice dice = dice_take("config");

	(void)state;
	for (uint64_t rounds = dice_rounds(20000); rounds > 0; rounds--) {
		char random[64], line[SAMPLE_CONFIG_LINE];
		size_t size = 0;
		bool good;

		while (size < sizeof(random) - 8 && dice_below(&dice, 16)) {
			if (dice_below(&dice, 3) == 0) {
				memcpy(random + size, "cmdline=", 8);
				size += 8;
			} else {
				random[size++] = letters[dice_below(&dice, sizeof(letters) - 1)];
			}
		}
		if (size < sizeof(random) && dice_below(&dice, 2))
			random[size++] = '\n';
		sample_config_fill(&config, random, size);
		good = sample_config_line(&config, line);
		host_stage2.said[0] = 0;
		assert_string_equal(config_command_line(&header), line);
		assert_int_equal(host_stage2.said[0] == 0, good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(the_image_says_it, fresh),
	        cmocka_unit_test_setup(a_damaged_one_is_said_and_empty, fresh),
	        cmocka_unit_test_setup(a_full_one_fits, fresh),
	        cmocka_unit_test_setup(qemu_says_it_instead, fresh),
	        cmocka_unit_test_setup(too_many_words_are_cut, fresh),
	        cmocka_unit_test_setup(agrees_with_the_other_opinion, fresh),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
