/* Puts an image on a real disk: looks at both, asks, writes, reads back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "mkimage.h"

#define GRAIN 4096u /* images are made of such blocks, and a disk may have them as its smallest piece */

/* A damaged image is not worth a disk, and what is no image was not meant. */
static void open_image(struct disk *image, const char *path)
{
	struct image_state *state = allocate(sizeof(*state));

	disk_open(image, path, false);
	image_examine(image, state);
	for (unsigned part = 0; part < PART_COUNT; part++)
		if (state->faults[part])
			fail(path, "%s; it is not written to a disk", state->fault[part]);
	if (image->size % GRAIN != 0)
		fail(path, "is no whole number of blocks of %u bytes", GRAIN);
	free(state);
}

/* What is known of a disk says more than why it cannot be opened. */
static void open_target(
        const struct write_options *options, const struct disk *image, struct disk *target, struct device *device)
{
	const char *not_open = device_open(target, device, options->target, options->is_file);
	char why[DEVICE_TEXT_MAX];

	if (device->name[0] && !device_check(device, image->size, options->force_fixed, why))
		fail(options->target, "%s", why);
	if (not_open)
		fail(options->target, "%s", not_open);
	if (device->block_size == 0 || GRAIN % device->block_size != 0)
		fail(options->target, "has blocks of %u bytes, from which no BIOS starts", device->block_size);
}

static bool answer_is(const char *expected)
{
	char answer[64];

	fflush(stdout);
	if (!fgets(answer, sizeof(answer), stdin)) {
		printf("\n");
		return false;
	}
	answer[strcspn(answer, "\n")] = '\0';
	return strcmp(answer, expected) == 0;
}

static void ask(const struct write_options *options, const struct device *device)
{
	if (options->yes)
		return;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		fail(options->target, "there is no terminal to ask on; --yes writes without a question");
	printf("All that is on it will be lost. To write %s to it, type %s: ", options->image, device->name);
	if (!answer_is(device->name))
		fail(options->target, "nothing was written");
	if (device->is_file || device_is_portable(device))
		return;
	printf("It may be built into this computer and hold its system. To overwrite it, type overwrite: ");
	if (!answer_is("overwrite"))
		fail(options->target, "nothing was written");
}

static void print_what_next(
        const struct disk *target, const struct device *device, const struct disk *image, bool had_gpt)
{
	if (had_gpt)
		printf("An old partition table (GPT) at its end is removed.\n");
	printf("%s holds %s: each of %llu bytes was read back and is right.\n", target->path, image->path,
	        (unsigned long long)image->size);
	if (device->is_file)
		return;
	if (!device_reread_partitions(target))
		printf("This system does not see its new partitions before it is plugged in again.\n");
	printf("It can be taken out (if its data partition is mounted by itself, unmount that first).\n"
	       "To start from it: BIOS, legacy or CSM mode, Secure Boot off, this disk first (docs/real-disks.md).\n");
}

void image_write(const struct write_options *options)
{
	struct disk image, target;
	struct device device;
	char description[DEVICE_TEXT_MAX];

	if (same_file(options->image, options->target))
		fail(options->target, "is the image and the disk at once");
	open_image(&image, options->image);
	open_target(options, &image, &target, &device);
	device_describe(&device, description);
	printf("%s: %s\n", options->target, description);
	ask(options, &device);
	print_what_next(&target, &device, &image, device_copy(&target, &device, &image));
	disk_close(&target);
	disk_close(&image);
}
