/*
 * Any bytes as the image's configuration, or as QEMU's words for it: stage 2's parser, as it is, makes of them the
 * command line and choice that another one does, and says so when it makes none. Check values are made right in most
 * runs, or nothing would ever get past them.
 *
 * Input: a byte that says how to read the rest: as the text of a configuration, as bytes to replace in a good one
 * (offset, then 8 bytes), or as QEMU's words.
 */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "config.h"
#include "sample_config.h"

enum { AS_WORDS = 1, AS_BYTES = 2, UNSEALED = 4, NO_DISK = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char good[] = "timeout=5\ndefault = b\n[a]\ncmdline=one two\nkernel=A\n[b]\nmodules = one\ncmdline=x\n";

static void expect(const struct sample_config *opinion, bool said)
{
	static struct config config;
	const struct start *start;

	host_stage2.said[0] = config_complaint[0] = 0;
	config_read(&sample_config_header, &config);
	start = config_start(&config);
	if (strcmp(start->command_line, opinion->line) != 0 || !host_stage2.said[0] == said ||
	        start->slot != opinion->slot || start->modules != opinion->modules ||
	        config.count != opinion->entries || config.chosen != opinion->chosen ||
	        config.timeout != opinion->timeout)
		abort();
}

static void try_config(const uint8_t *data, size_t size, uint8_t how)
{
	static struct image_config config;
	static const struct sample_config nothing = {.slot = 1, .modules = 3, .entries = 1};
	static struct sample_config opinion;
	bool accepted;

	if (how & AS_BYTES) {
		sample_config_fill(&config, good, sizeof(good) - 1);
		change_bytes(&config, offsetof(struct image_config, text) + sizeof(good) - 1, data, size);
	} else {
		sample_config_fill(&config, (const char *)data, size);
	}
	sample_config_seal(&config);
	if (how & UNSEALED)
		config.crc32c ^= 1;
	accepted = sample_config_opinion(&config, &opinion) && !(how & (UNSEALED | NO_DISK));
	host_stage2.disk = &config;
	host_stage2.disk_fails = how & NO_DISK;
	expect(accepted ? &opinion : &nothing, !accepted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	host_stage2.words = NULL;
	if (data[0] & AS_WORDS) {
		static struct sample_config opinion;
		static struct image_config none;

		sample_config_fill(&none, "", 0);
		sample_config_opinion(&none, &opinion);
		host_stage2.disk = &none;
		host_stage2.disk_fails = false;
		host_stage2.words = (const char *)data + 1;
		host_stage2.words_size = (uint32_t)size - 1;
		sample_config_words(host_stage2.words, size - 1, opinion.line);
		expect(&opinion, size - 1 > IMAGE_CONFIG_TEXT_MAX);
	} else {
		try_config(data + 1, size - 1, data[0]);
	}
	return 0;
}
