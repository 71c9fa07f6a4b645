/*
 * The terminal against one that others made: libvterm gets the same bytes, and every cell, the cursor and the replies
 * are compared. vterm_words.c says what is left out and why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#if __has_include(<vterm.h>)

#include "vterm_pair.h"
#include "vterm_words.h"

#define CASES 250u /* at random, of each kind */
#define WORDS 150u
#define BYTES 1200u
#define EVERY 8u /* words between two comparisons */

/* Each begins by saving the cursor: what libvterm would bring back without that is black on black. */
#define START "\0337"

static void test_cases(void **state)
{
	static const char *const cases[] = {
	        "Hello World!",
	        "one\r\ntwo\r\nthree",
	        "one\ntwo\bX\tY",
	        "0123456789012345678901234567890123456789", /* twice as long as the screen is wide */
	        "01234567890123456789\r\nnext",             /* as long */
	        "01234567890123456789\bX",
	        "01234567890123456789\033[6n",
	        "01234567890123456789\033[K|",
	        "01234567890123456789\033[20G|",
	        "\033[?7l0123456789012345678901234567",
	        "\033[?7l0123456789012345678901234567\033[?7hxyz",
	        "a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\ni\r\nj\r\nk\r\nl\r\nm",
	        "\033[3;7HX\033[fY\033[;5HZ\033[3H.",
	        "\033[99;99HX\033[99;99H\033[6n",
	        "\033[5;5H\033[AA\033[2BB\033[3CC\033[4DD",
	        "\033[5;5H\033[99AA\033[99BB\033[99CC\033[99DD",
	        "\033[5;5H\033[EE\033[FF\033[10GG\033[3dd\033[4`x\033[2aa\033[ee\033[jj\033[kk",
	        "\033[3;3H\0337\033[31mX\0338Y",
	        "a\tb\tc\033[g\rX\tY",
	        "\033[3g\033[5G\033H\033[9G\033H\ra\tb\tc\td\033[2Z|\033[9I|",
	        "0123456789\033[5D\033[Kx",
	        "0123456789\033[5D\033[1Kx",
	        "0123456789\033[5D\033[2Kx",
	        "a\r\nb\r\nc\033[2;1H\033[J",
	        "a\r\nb\r\nc\033[2;1H\033[1J",
	        "a\r\nb\r\nc\033[2;1H\033[2Jx",
	        "a\r\nb\r\nc\033[3J",
	        "0123456789\033[5D\033[3Xx",
	        "0123456789\033[5D\033[99Xx",
	        "0123456789\033[8D\033[3@x",
	        "0123456789\033[8D\033[3Px",
	        "0123456789\033[8D\033[99@x",
	        "0123456789\033[8D\033[99Px",
	        "0123456789\033[8D\033[0P\033[0@",
	        "a\r\nb\r\nc\r\nd\033[2;1H\033[LX",
	        "a\r\nb\r\nc\r\nd\033[2;1H\033[2M",
	        "a\r\nb\r\nc\r\nd\033[2;1H\033[99L",
	        "a\r\nb\r\nc\r\nd\033[2;1H\033[99M",
	        "\033[2;4ra\r\nb\r\nc\r\nd\r\ne\r\nf",
	        "\033[2;4r\033[4;1Ha\r\nb\r\nc\033[7;1Hx\r\ny\r\nz\r\n!",
	        "\033[2;4r\033[2;1Ha\033Mb\033Mc\033M\033[1;1H\033M\033Mx",
	        "\033[2;4r\033[1;1H\033[L\033[M\033[@\033[Px",
	        "\033[3;1r\033[4;2rx",
	        "\033[2r\033[1;3rx\033[rx",
	        "a\r\nb\r\nc\033[S\033[41m\033[2Sx\033[3T",
	        "a\033Db\033Ec\033Md\033[2;3r\033[?6h\033[1;1HX\033[99;99HY\033[AZ\033[?6lW",
	        "\033[?6h\033[2;4r\033[dX\033[99dY\033[EZ",
	        "abc\033[4h\033[2GXYZ\033[4lW",
	        "\033[20ha\nb\033[20lc\nd",
	        "\033[1mb\033[4mu\033[7mi\033[22mb\033[24mu\033[27mi\033[0m.",
	        "\033[31;42mx\033[39my\033[49mz\033[91;102mw\033[mv",
	        "\033[38;5;196ma\033[48;5;21mb\033[38;5;7mc\033[38;5;15md\033[38;5;255me",
	        "\033[38;2;1;2;3ma\033[48;2;250;128;9mb\033[38:2:95:135:175mc\033[48:5:16md",
	        "\033[38;2;8;8;8ma\033[38;2;238;238;238mb\033[38;2;255;255;255mc\033[38;2;128;128;128md",
	        "\033[4:3ma\033[4:0mb\033[21mc\033[24md",
	        "\033[1;31;4mx\033[;7my\033[1;mz",
	        "\033[44m\033[2Jx\033[K\r\n\033[Ly\033[3@\033[2P\033[2X",
	        "\033[44m\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nx",
	        "\033[5n\033[6n\033[?6n\033[c\033[0c\033[1c\033[3;4H\033[6n",
	        "a\033[?1049hb\033[2;2Hc\033[?1049ld",
	        "a\033[?1047hb\033[?1047lc\033[?1047hd",
	        "a\033[?1048h\033[5;5Hb\033[?1048lc",
	        "\033[?1049h1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n10\r\n11\033[?1049l.",
	        "abc\033]0;title\007def\033]0;title\033\\ghi\033Pq#1\033\\jkl",
	        "abc\033]0;title\030def\033[12\030ghi\033[3\032jkl",
	        "a\033[3\nCb\033[\r2Cc",
	        "a\033[31\033[32mb",
	        "a\033\033[1mb\033\0337c",
	        "a\033[?25lb\033[?25hc\033[?2004hd\033[?99he\033[99hf",
	        "a\033[>1hb\033[<1hc\033[=1hd\033[1;2\"qe",
	        "\033(0lqqk\r\nx  x\r\nmqqj\033(B abc`~",
	        "\033(0`abcdefghijklmnopqr\r\nstuvwxyz{|}~_^\033(B",
	        "\033)0a\016qx\017qx\016\033)Bqx",
	        "\303\244\303\266\303\274 \342\202\254 \342\224\200\342\224\202",
	        "\344\270\255\346\226\207\352\260\200 wide",
	        "0123456789012345678\344\270\255x", /* no room for two columns */
	        "\344\270\255\033[2GX\r\n\344\270\255\033[1GY",
	        "\344\270\255\344\270\255\033[2G\033[P\033[5G\033[@",
	        "e\314\201x\314\201\314\202y",
	        "\200\201a\303b\342\224c\360\237\230d\357\277\275",
	        "a\177b\000c\001d\005e",
	        "\033[10;20HX\r\nY",
	        "\033[1;5r\033[10;20HX\r\nY\033[5;20HZ\r\nW",
	        "text\033c\0337.",
	        "\033[31m\033[2;4r\033[4h\033[20h\033[3g\033c\0337abc\tdef\r\nghi",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair pair;

		pair_start(&pair, 20, 10);
		pair_write(&pair, NULL, START, sizeof(START) - 1);
		pair_write(&pair, NULL, cases[i], strlen(cases[i]));
		assert_true(pair_is_equal(&pair));
		pair_end(&pair);
	}
	print_message("%zu cases\n", sizeof(cases) / sizeof(cases[0]));
}

/* A session on a screen of a size that the dice choose. */
static void run(struct dice *dice, unsigned int words,
        size_t (*next)(struct dice *dice, const struct terminal *ours, char text[WORD_MAX]))
{
	struct pair pair;
	char text[WORD_MAX];

	pair_start(&pair, 2 + (unsigned int)dice_below(dice, dice_below(dice, 2) ? 12 : 90),
	        1 + (unsigned int)dice_below(dice, 30));
	pair_write(&pair, dice, START, sizeof(START) - 1);
	for (unsigned int i = 1; i <= words; i++) {
		pair_write(&pair, dice, text, next(dice, &pair.ours, text));
		if (i % EVERY == 0 || i == words)
			assert_true(pair_is_equal(&pair));
		if (pair.our_replies.length > PAIR_REPLIES_MAX / 2)
			pair.our_replies.length = pair.its_replies.length = 0;
	}
	pair_end(&pair);
}

static void test_grammar(void **state)
{
	struct dice dice = dice_take("terminal against libvterm, by grammar");

	(void)state;
	for (uint64_t i = dice_rounds(CASES); i > 0; i--)
		run(&dice, WORDS, word_by_grammar);
}

static void test_noise(void **state)
{
	struct dice dice = dice_take("terminal against libvterm, noise");

	(void)state;
	for (uint64_t i = dice_rounds(CASES); i > 0; i--)
		run(&dice, BYTES, word_of_noise);
}

#else

static void test_cases(void **state)
{
	(void)state;
	print_message("NOT RUN: libvterm is not here (tools/setup.sh)\n");
	skip();
}
#define test_grammar test_cases
#define test_noise   test_cases

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cases),
	        cmocka_unit_test(test_grammar),
	        cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
