/* What a configuration starts, what becomes of one with mistakes, and of QEMU's words for the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "dice.h"
#include "sample_config.h"

#define BY_DEFAULT "\nThe preferred kernel is started, with an empty command line\n"

static struct image_config block;
static struct config config;
static const struct start *start;

static int fresh(void **state)
{
	(void)state;
	host_stage2_reset();
	host_stage2.disk = &block;
	config_complaint[0] = 0;
	return 0;
}

static void read_block(void)
{
	host_stage2.said[0] = 0;
	config_complaint[0] = 0;
	config_read(&sample_config_header, &config);
	start = config_start(&config);
}

static void text(const char *text)
{
	sample_config_fill(&block, text, strlen(text));
	read_block();
}

/* Nothing is wrong with the text, and it starts that. */
static void starts(const char *wanted, const char *line, unsigned slot, unsigned modules)
{
	text(wanted);
	assert_string_equal(host_stage2.said, "");
	assert_string_equal(start->command_line, line);
	assert_int_equal(start->slot, slot);
	assert_int_equal(start->modules, modules);
}

static void without_entries_there_is_one(void **state)
{
	(void)state;
	starts("", "", 1, 3);
	starts("cmdline=one two=3\n", "one two=3", 1, 3);
	starts("cmdline=\n", "", 1, 3);
	starts("  cmdline\t=  a = b # c \t", "a = b # c", 1, 3);
	starts("# nothing\n\n \t\n#cmdline = x\nkernel = A", "", 0, 3);
	starts("kernel = other", "", 0, 3);
	starts("modules = two\n", "", 1, 2);
	starts("modules = two\tone  two\n", "", 1, 3);
	starts("modules =\ndefault = Cairn\n", "", 1, 0);
	assert_int_equal(config.count, 1);
	assert_int_equal(config.timeout, 0);
	assert_memory_equal(config.entry[0].name.text, "Cairn", 5);
}

static void entries_differ_in_what_they_say(void **state)
{
	static const char many[] =
	        "timeout = 3600\nkernel=A\ncmdline = usual\ndefault = the third\n"
	        "[first]\n[ the second ]\ncmdline = other\n[the third]\nmodules = one\n[4]\nkernel = B\n";

	(void)state;
	starts(many, "usual", 0, 1);
	assert_int_equal(config.count, 4);
	assert_int_equal(config.chosen, 2);
	assert_int_equal(config.timeout, 3600);
	assert_int_equal(config.entry[1].name.length, strlen("the second"));
	assert_int_equal(config.entry[1].command_line.length, strlen("other"));
	assert_int_equal(config.entry[3].slot, 1);
	starts("[a]\ncmdline=1\n[b]\ncmdline=2\n", "1", 1, 3);
}

static void mistakes_are_named_and_something_starts(void **state)
{
	static const struct {
		const char *text, *why;
	} mistakes[] = {
	        {"cmdline=x\nnonsense\n", "2: 'nonsense' is neither NAME = VALUE nor [ENTRY]"},
	        {"\n\ntime = 5\n", "3: 'time' is unknown: there are default, timeout, cmdline, kernel and modules"},
	        {"= 5\n", "1: '' is unknown: there are default, timeout, cmdline, kernel and modules"},
	        {"timeout =\n", "1: '' is no number of seconds from 0 to 3600"},
	        {"default = \n[a]\n", "1: '' is the name of no entry"},
	        {"timeout = -1\n", "1: '-1' is no number of seconds from 0 to 3600"},
	        {"timeout = 3601\n", "1: '3601' is no number of seconds from 0 to 3600"},
	        {"timeout = 99999999999999999999\n",
	                "1: '99999999999999999999' is no number of seconds from 0 to 3600"},
	        {"[a]\ntimeout = 1\n", "2: 'timeout' belongs above the first entry"},
	        {"[a]\ndefault = a\n", "2: 'default' belongs above the first entry"},
	        {"default = b\n[a]\n", "1: 'b' is the name of no entry"},
	        {"kernel = C\n", "1: 'C' is no slot: there are A, B and other"},
	        {"modules = one three\n", "1: 'three' is no module of this image"},
	        {"modules = on\n", "1: 'on' is no module of this image"},
	        {"cmdline = a\n[x]\ncmdline = b\ncmdline = c\n", "4: 'cmdline' is given twice"},
	        {"[a]\n[a]\n", "2: 'a' is the name of another entry, too"},
	        {"[a\n", "1: '[a' has no ] at its end"},
	        {"[\n", "1: '[' has no ] at its end"},
	        {"[ ]\n", "1: '[ ]' is no name: 1 to 40 letters, digits, signs and blanks"},
	        {"# \xc3\x84\n[\xc3\xa4]\n", "2: outside of comments all characters are ASCII"},
	        {"cmdline = \x9b"
	         "2J\n",
	                "1: outside of comments all characters are ASCII"},
	        {"[a234567890123456789012345678901234567890]x\n",
	                "1: '[a23456789012345678901234567890123456789...' has no ] at its end"},
	        {"[a2345678901234567890123456789012345678901]\n", "1: '[a23456789012345678901234567890123456789...' is "
	                                                          "no name: 1 to 40 letters, digits, signs and "
	                                                          "blanks"},
	        {"[1]\n[2]\n[3]\n[4]\n[5]\n[6]\n[7]\n[8]\n[9]\n[10]\n",
	                "10: '10' is one entry too many: there may be 9"},
	        {"cmdline = a\x1b[2J\n", "1: a control character"},
	        {"cmdline = a\r\n", "1: a control character"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		char said[256] = "Configuration, line ";

		strcat(strcat(said, mistakes[i].why), BY_DEFAULT);
		text(mistakes[i].text);
		assert_string_equal(host_stage2.said, said);
		assert_string_equal(start->command_line, "");
		assert_int_equal(start->slot, 1);
		assert_int_equal(start->modules, 3);
		assert_int_equal(config.count, 1);
		assert_int_equal(config.timeout, 0);
	}
}

static void damage_is_said_and_something_starts(void **state)
{
	(void)state;
	text("cmdline=x\n");
	block.text[1] ^= 1;
	read_block();
	assert_string_equal(host_stage2.said, "Configuration copy A at LBA 2048: the configuration is damaged\nThere "
	                                      "is no whole configuration" BY_DEFAULT);
	assert_string_equal(start->command_line, "");
	host_stage2.disk_fails = true;
	read_block();
	assert_non_null(strstr(host_stage2.said, "cannot be read"));
	assert_int_equal(start->modules, 3);
}

static void a_zero_byte_is_a_mistake(void **state)
{
	(void)state;
	sample_config_fill(&block, "cmdline = a\0b\n", 14);
	read_block();
	assert_string_equal(host_stage2.said, "Configuration, line 1: a control character" BY_DEFAULT);
}

static void a_full_one_fits(void **state)
{
	static char full[IMAGE_CONFIG_TEXT_MAX];

	(void)state;
	memset(full, 'x', sizeof(full));
	memcpy(full, "cmdline=", 8);
	sample_config_fill(&block, full, sizeof(full));
	read_block();
	assert_int_equal(strlen(start->command_line), sizeof(full) - 8);
	assert_memory_equal(start->command_line, full + 8, sizeof(full) - 8);
}

static void qemu_says_it_instead(void **state)
{
	(void)state;
	host_stage2.words = "test\x1b[2J=\n\0\x7f\xc3\xa4";
	host_stage2.words_size = 14;
	starts("cmdline=x\nkernel=A\n", "test?[2J=?????", 0, 3);
	host_stage2.words_size = 0;
	starts("cmdline=x\n", "", 1, 3);
}

static void too_many_words_are_cut(void **state)
{
	static char words[IMAGE_CONFIG_TEXT_MAX + 10];

	(void)state;
	memset(words, 'w', sizeof(words));
	host_stage2.words = words;
	host_stage2.words_size = IMAGE_CONFIG_TEXT_MAX;
	text("");
	assert_int_equal(strlen(start->command_line), IMAGE_CONFIG_TEXT_MAX);
	assert_string_equal(host_stage2.said, "");
	host_stage2.words_size++;
	text("");
	assert_int_equal(strlen(start->command_line), IMAGE_CONFIG_TEXT_MAX);
	assert_non_null(strstr(host_stage2.said, "has 4081 characters; the first 4080 are used"));
}

static void agrees_with_the_other_opinion(void **state)
{
	static const char *const pieces[] = {"cmdline=", "default=", "default = ", "timeout = ", "kernel=",
	        "modules = ", "[", "]", "a", "b", "one", "two", "A", "B", "12", "\n", "\n", "\n", "]\n", "[a]\n", " ",
	        "\t", "#", "=", "\xe4", "\r", "Cairn", "other"};
	struct dice dice = dice_take("config");
	unsigned good = 0;

	(void)state;
	for (uint64_t rounds = dice_rounds(50000); rounds > 0; rounds--) {
		static struct sample_config opinion;
		char random[512] = "";
		bool accepted;

		for (unsigned left = (unsigned)dice_below(&dice, 30); left; left--)
			strcat(random, pieces[dice_below(&dice, sizeof(pieces) / sizeof(pieces[0]))]);
		text(random);
		accepted = sample_config_opinion(&block, &opinion);
		good += accepted;
		assert_int_equal(host_stage2.said[0] == 0, accepted);
		assert_string_equal(start->command_line, opinion.line);
		assert_int_equal(start->slot, opinion.slot);
		assert_int_equal(start->modules, opinion.modules);
		assert_int_equal(config.count, opinion.entries);
		assert_int_equal(config.chosen, opinion.chosen);
		assert_int_equal(config.timeout, opinion.timeout);
	}
	assert_true(good > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(without_entries_there_is_one, fresh),
	        cmocka_unit_test_setup(entries_differ_in_what_they_say, fresh),
	        cmocka_unit_test_setup(mistakes_are_named_and_something_starts, fresh),
	        cmocka_unit_test_setup(damage_is_said_and_something_starts, fresh),
	        cmocka_unit_test_setup(a_zero_byte_is_a_mistake, fresh),
	        cmocka_unit_test_setup(a_full_one_fits, fresh),
	        cmocka_unit_test_setup(qemu_says_it_instead, fresh),
	        cmocka_unit_test_setup(too_many_words_are_cut, fresh),
	        cmocka_unit_test_setup(agrees_with_the_other_opinion, fresh),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
