/* SHA-256 against FIPS 180-4's examples, and in every way to cut up its input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/sha256.h"

static const char *hex(const uint8_t digest[SHA256_SIZE])
{
	static char text[2 * SHA256_SIZE + 1];

	for (unsigned i = 0; i < SHA256_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return text;
}

static const char *hash_of(const char *message)
{
	uint8_t digest[SHA256_SIZE];

	sha256(message, strlen(message), digest);
	return hex(digest);
}

static void test_published_values(void **state)
{
	(void)state;
	assert_string_equal(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_string_equal(
	        hash_of("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
	                "lmnopqrsmnopqrstnopqrstu"),
	        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

static void test_a_million_letters(void **state)
{
	struct sha256 hash;
	uint8_t digest[SHA256_SIZE];
	char letters[1000];

	(void)state;
	memset(letters, 'a', sizeof(letters));
	sha256_init(&hash);
	for (int i = 0; i < 1000; i++)
		sha256_update(&hash, letters, sizeof(letters));
	sha256_final(&hash, digest);
	assert_string_equal(hex(digest), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/*
 * Every length around the padding's corner cases, cut at every place. That the lengths themselves are hashed right is
 * shown by the published values and, for whole files, by the image tests, which compare with another implementation.
 */
static void test_cut_anywhere(void **state)
{
	uint8_t message[200], whole[SHA256_SIZE], parts[SHA256_SIZE], previous[SHA256_SIZE] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 7 + 1);
	for (size_t length = 0; length <= sizeof(message); length++) {
		sha256(message, length, whole);
		assert_memory_not_equal(whole, previous, sizeof(whole));
		for (size_t cut = 0; cut <= length; cut++) {
			struct sha256 hash;

			sha256_init(&hash);
			sha256_update(&hash, message, cut);
			sha256_update(&hash, message + cut, length - cut);
			sha256_final(&hash, parts);
			assert_memory_equal(parts, whole, sizeof(whole));
		}
		memcpy(previous, whole, sizeof(whole));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_published_values),
	        cmocka_unit_test(test_a_million_letters),
	        cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
