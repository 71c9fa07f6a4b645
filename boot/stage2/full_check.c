#include "full_check.h"

#include "console.h"
#include "extra.h"
#include "layout.h"
#include "ledger.h"
#include "lib/command_line.h"
#include "lib/format.h"
#include "lib/sha256.h"
#include "lib/string.h"
#include "panic.h"

static bool wanted;

static const struct image_stage2_patch not_patched = {.magic = IMAGE_STAGE2_MAGIC};

/* Not on the stack, which is for the BIOS. */
static struct sha256 hash;
static char block[IMAGE_BLOCK_SIZE];

void full_check_init(const char *command_line)
{
	struct command_line_word word;
	if (!command_line_find(command_line, "verify", &word))
		return;
	wanted = word.value_length == 4 && memcmp(word.value, "full", 4) == 0;
	if (wanted && !extra_load())
		boot_fail(BOOT_ERROR_SHA256, "%s", verify_complaint);
	if (!wanted)
		console_print(CONSOLE_NOTE, "verify=%.*s: not known, there is verify=full\n", (int)word.value_length,
		        word.value);
}

static IN_EXTRA void update(const void *data, uint32_t length)
{
	ledger_end(LEDGER_READ);
	sha256_update(&hash, data, length);
	ledger_end(LEDGER_SHA256);
}

static IN_EXTRA bool finish(const char *name, const uint8_t expected[SHA256_SIZE])
{
	uint8_t digest[SHA256_SIZE];
	char digits[2 * SHA256_SIZE + 1];
	sha256_final(&hash, digest);
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		format_string(digits + 2 * i, 3, "%02x", digest[i]);
	console_print(CONSOLE_NORMAL, "%s: sha256 %s\n", name, digits);
	if (memcmp(digest, expected, sizeof digest) == 0)
		return true;
	format_string(verify_complaint, sizeof verify_complaint, "%s: the SHA-256 is not that of the file in the image",
	        name);
	return false;
}

/* All of the file's blocks are good, or this ends with false. `is_stage2`: what mkimage filled in is taken out again.
 */
static IN_EXTRA bool hash_blocks(const struct verify_source *source, uint32_t size, bool is_stage2)
{
	sha256_init(&hash);
	for (uint32_t at = 0; at < size; at += sizeof block) {
		uint32_t length = size - at < sizeof block ? size - at : sizeof block;
		if (!verify_load(source, at, length, block))
			return false;
		if (is_stage2 && at == 0)
			memcpy(block + IMAGE_STAGE2_PATCH_OFFSET, &not_patched, sizeof not_patched);
		update(block, length);
	}
	return true;
}

void full_check_stage2(const struct image_header *header, unsigned copy)
{
	struct verify_source source = verify_stage2(header, copy);
	source.name = "stage 2";
	if (!wanted)
		return;
	verify_watch(NULL);
	if (!hash_blocks(&source, header->stage2.file_size, true) || !finish(source.name, header->stage2_sha256))
		boot_fail(BOOT_ERROR_SHA256, "%s", verify_complaint);
}

bool full_check_source(const struct verify_source *source, const uint8_t sha256[32])
{
	verify_watch(NULL);
	return !wanted || (hash_blocks(source, source->size, false) && finish(source->name, sha256));
}

bool full_check_memory(const char *name, const void *data, uint32_t size, const uint8_t sha256[32])
{
	if (!wanted)
		return true;
	sha256_init(&hash);
	update(data, size);
	return finish(name, sha256);
}
