/* The head: what stage 1 loads. It can read the disk, check what it read and speak; with that it loads the rest. */
#include "head.h"

#include "bios.h"
#include "console.h"
#include "disk.h"
#include "exceptions.h"
#include "format/image.h"
#include "layout.h"
#include "panic.h"
#include "stack.h"
#include "stamp.h"
#include "verify.h"

const struct image_stage2_patch *head_patch(void)
{
	return (const struct image_stage2_patch *)(stage2_begin + IMAGE_STAGE2_PATCH_OFFSET);
}

static void load_rest(const struct image_header *header, unsigned copy)
{
	const struct image_stage2 *stage2 = &header->stage2;
	if (stage2->size != head_patch()->size || stage2->size > IMAGE_STAGE2_MAX || stage2->size < IMAGE_HEAD_SIZE)
		boot_fail(BOOT_ERROR_STAGE2, "stage 2 is of another size (%u bytes) than the image header says (%u)",
		        head_patch()->size, stage2->size);
	struct verify_source source = verify_stage2(header, copy);
	if (!verify_load(&source, IMAGE_HEAD_SIZE, (uint32_t)stage2_rest_size, stage2_begin + IMAGE_HEAD_SIZE))
		boot_fail(BOOT_ERROR_STAGE2, "%s", verify_complaint);
}

_Noreturn void head_main(void)
{
	static struct stage1_report stage1;
	stage1 = *(volatile struct stage1_report *)low_memory(STAGE1_REPORT);
	stack_guard();
	exceptions_init();
	console_init();
	stamp(BOOT_EVENT_STAGE2);
	verify_init();
	disk_open(stage1.drive);
	if (stage1.error)
		console_print(CONSOLE_NOTE, "Stage 1 met error %02u (INT 13h status %02x) and went on\n", stage1.error,
		        stage1.status);
	if (stage1.copy)
		console_print(CONSOLE_NOTE, "Stage 2's head: taken from copy B\n");
	const struct image_header *header = verify_header(head_patch()->header_lba, 0);
	stamp(BOOT_EVENT_HEADER);
	load_rest(header, stage1.copy ? 1 : 0);
	stamp(BOOT_EVENT_LOADED);
	stage2_main(&stage1, header);
}
