/* The rest of stage 2: the loader's steps in order. */
#include "a20.h"
#include "boot_sector.h"
#include "config.h"
#include "console.h"
#include "cpu.h"
#include "disk.h"
#include "extra.h"
#include "full_check.h"
#include "hand_over.h"
#include "head.h"
#include "image_file.h"
#include "kernel_image.h"
#include "kernel_place.h"
#include "ledger.h"
#include "lib/image.h"
#include "memory.h"
#include "menu.h"
#include "panic.h"
#include "post_mortem.h"
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

/* What nobody needs before the kernel. */
static void note_the_rest(struct findings *f, const struct image_header *header, const struct stage1_report *stage1)
{
	f->notes.rtc_valid = rtc_valid();
	ledger_end(LEDGER_BOOT_SECTOR);
	f->notes.mbr_note = boot_sector_check(header);
	f->notes.stage1_error = stage1->error;
	f->notes.stage1_status = stage1->status;
	f->drive.signature = header->disk_signature;
	disk_describe(&f->drive, &f->notes);
	verify_describe(&f->notes, &f->drive.header_lba);
	f->drive.header_copy = f->drive.header_lba == header->header_lba[1] ? 1 : 0;
	ledger_end(LEDGER_BOOT_SECTOR);
}

_Noreturn void stage2_main(const struct stage1_report *stage1, const struct image_header *header)
{
	static struct findings f; /* static: the stack is for the BIOS */
	header = believe(header);
	unsigned copy = stage1->copy ? 1 : 0;
	extra_init(header, copy);
	f.cpu = cpu_check();
	ledger_begin();
	ledger_end(LEDGER_CPU);
	f.notes.a20_method = a20_enable();
	ledger_end(LEDGER_A20);
	f.notes.memory_source = memory_detect();
	ledger_end(LEDGER_MEMORY);
	stamp(BOOT_EVENT_MEMORY);
	post_mortem_show();
	ledger_end(LEDGER_POST_MORTEM);
	f.notes.cut_off = second_copy_is_cut_off(header);
	struct config config;
	const struct image_config *text = config_read(header, &config);
	struct start *start = config_start(&config);
	ledger_end(LEDGER_CONFIGURATION);
	menu_offer(header, &config, text, start);
	ledger_end(LEDGER_MENU);
	f.command_line = start->command_line;
	full_check_init(f.command_line);
	kernel_place_init(f.cpu, f.command_line);
	ledger_end(LEDGER_PLACE);
	full_check_stage2(header, copy);
	f.image = kernel_image_load(header, start, &f.kernel, &f.drive.kernel_slot);
	f.modules = image_file_load_modules(header, start->modules, &f.module_count);
	ledger_end(LEDGER_READ);
	stamp(BOOT_EVENT_KERNEL);

	f.drive.preferred_slot = start->slot;
	f.drive.stage2_copy = copy;
	note_the_rest(&f, header, stage1);
	say_what_was_found(&f); /* only now is everything known that stands in it */
	hand_over_to_kernel(&f);
}
