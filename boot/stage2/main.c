/* The rest of stage 2: the loader's steps in order. */
#include "a20.h"
#include "boot_sector.h"
#include "config.h"
#include "console.h"
#include "cpu.h"
#include "disk.h"
#include "full_check.h"
#include "hand_over.h"
#include "head.h"
#include "image_file.h"
#include "kernel_image.h"
#include "lib/image.h"
#include "memory.h"
#include "panic.h"
#include "rtc.h"
#include "second_copy.h"
#include "stamp.h"
#include "verify.h"

static void say_what_was_found(const struct findings *f)
{
	console_print(CONSOLE_NORMAL, "Cairn loader: disk %02xh by %s, slot %c, %u MiB of memory\n",
	        f->drive.bios_number, f->drive.access == BOOT_DISK_EDD ? "EDD" : "CHS", 'A' + f->drive.kernel_slot,
	        (uint32_t)(memory_map_usable(memory_map()) >> 20));
}

/* The head saw that the header is whole; here, that what it says makes sense, or what the other copy says. */
static const struct image_header *believe(const struct image_header *header)
{
	const char *why = image_header_check(verify_table(), header);
	if (why) {
		console_print(CONSOLE_NOTE, "Image header: %s\n", why);
		header = verify_header(head_patch()->header_lba, 1);
		why = image_header_check(verify_table(), header);
	}
	if (why)
		boot_fail(BOOT_ERROR_HEADER, "image header: %s", why);
	return header;
}

_Noreturn void stage2_main(const struct stage1_report *stage1, const struct image_header *header)
{
	static struct findings f; /* static: the stack is for the BIOS */
	header = believe(header);
	f.cpu = cpu_check();
	f.notes.a20_method = a20_enable();
	f.notes.memory_source = memory_detect();
	stamp(BOOT_EVENT_MEMORY);
	f.notes.cut_off = second_copy_is_cut_off(header);
	f.command_line = config_command_line(header);
	full_check_init(f.command_line);
	full_check_stage2(header, stage1->copy ? 1 : 0);
	f.image = kernel_image_load(header, &f.kernel, &f.drive.kernel_slot);
	f.black_box = memory_take_black_box(&f.black_box_size);
	f.modules = image_file_load_modules(header);
	f.module_count = header->module_count;
	stamp(BOOT_EVENT_KERNEL);

	f.drive.preferred_slot = header->preferred_slot;
	f.drive.stage2_copy = stage1->copy ? 1 : 0;
	f.drive.signature = header->disk_signature;
	f.notes.rtc_valid = rtc_valid();
	f.notes.stage1_error = stage1->error;
	f.notes.stage1_status = stage1->status;
	f.notes.mbr_note = boot_sector_check(header);
	disk_describe(&f.drive, &f.notes);
	verify_describe(&f.notes, &f.drive.header_lba);
	f.drive.header_copy = f.drive.header_lba == header->header_lba[1] ? 1 : 0;
	say_what_was_found(&f); /* only now is everything known that stands in it */
	hand_over_to_kernel(&f);
}
