#include "core/hand_over.h"

#include "core/log.h"
#include "core/panic.h"
#include "lib/string.h"

static const struct boot_info *handed_over;

const struct boot_info *hand_over_info(void)
{
	return handed_over;
}

/* Nothing works before the loader's relocations, no panic either. But the loader names this exception: its error 05. */
void hand_over_check_place(void)
{
	static const volatile void *const volatile here = &here;

	if (here != &here)
		__builtin_trap();
}

void hand_over_check(const struct boot_info *info)
{
	if (info->magic != BOOT_INFO_MAGIC)
		panic("The loader handed over no boot_info: magic %016lx.", info->magic);
	if (info->version != BOOT_INFO_VERSION)
		panic("The loader's boot_info has version %u, this kernel understands %u.", info->version,
		        BOOT_INFO_VERSION);
	if (info->size < sizeof(*info))
		panic("The loader's boot_info has %u bytes, this kernel needs %zu.", info->size, sizeof(*info));
	handed_over = info;
}

static void keep_line(const char *line, size_t length)
{
	size_t mark = length >= 2 && memcmp(line, "! ", 2) == 0 ? 2 : 0;

	log_keep(mark != 0 ? LOG_WARNING : LOG_DETAIL, "%.*s\n", (int)(length - mark), line + mark);
}

void hand_over_keep_log(const struct boot_info *info)
{
	const char *line = (const char *)(info->direct_map_virtual + info->log), *end = line + info->log_length;

	while (info->log != 0 && line < end) {
		const char *next = line;

		while (next < end && *next != '\n')
			next++;
		if (next > line)
			keep_line(line, (size_t)(next - line));
		line = next + 1;
	}
}

static void print_memory_notes(const struct boot_notes *n)
{
	if (n->a20_method > BOOT_A20_BIOS)
		log_warning("Loader: A20 opened by %s.\n",
		        n->a20_method == BOOT_A20_FAST ? "port 92h" : "the keyboard controller");
	if (n->memory_source != BOOT_MEMORY_FROM_E820)
		log_warning("Loader: the firmware has no memory map; sizes come from INT 15h, %s.\n",
		        n->memory_source == BOOT_MEMORY_FROM_E801 ? "AX=E801h" : "AH=88h");
	if (n->nmis != 0)
		log_warning("Loader: %u non-maskable interrupt%s came and %s counted.\n", n->nmis,
		        n->nmis == 1 ? "" : "s", n->nmis == 1 ? "was" : "were");
	if (!n->rtc_valid)
		log_warning("Loader: the clock of this machine has lost the time.\n");
}

static void print_disk_notes(const struct boot_notes *n)
{
	if (n->stage1_error != 0)
		log_warning("Loader: the boot sector met error %02x, status %02x, and went on.\n", n->stage1_error,
		        n->stage1_status);
	if (n->mbr_note & BOOT_MBR_DISK_DAMAGED)
		log_warning("Loader: the boot sector on the disk is not as mkimage wrote it, or cannot be read.\n");
	if (n->mbr_note & BOOT_MBR_MEMORY_CHANGED)
		log_warning("Loader: the boot sector in memory is not the one on the disk.\n");
	if (n->read_retries != 0)
		log_warning("Loader: %u disk read%s repeated, last status %02x.\n", n->read_retries,
		        n->read_retries == 1 ? " was" : "s were", n->last_disk_status);
	if (n->crc_errors != 0 || n->blocks_from_other_slot != 0)
		log_warning("Loader: %u block%s damaged on disk, %u came from the other slot.\n", n->crc_errors,
		        n->crc_errors == 1 ? " was" : "s were", n->blocks_from_other_slot);
}

static void print_copy_notes(const struct boot_info *info)
{
	const struct boot_drive *drive = &info->drive;

	if (drive->stage2_copy != 0)
		log_warning("Loader: stage 2's head is damaged in copy A, this is copy B.\n");
	if (drive->header_copy != 0)
		log_warning("Loader: the image header is damaged in copy A, this is copy B.\n");
	if (drive->kernel_slot != drive->preferred_slot)
		log_warning("Loader: this kernel is the one in slot %c, because the one in slot %c is damaged.\n",
		        'A' + drive->kernel_slot, 'A' + drive->preferred_slot);
	if (info->notes.cut_off)
		log_warning("Loader: the disk ends before the second copies of stage 2 and kernel do.\n");
}

void hand_over_print_notes(const struct boot_info *info)
{
	print_memory_notes(&info->notes);
	print_disk_notes(&info->notes);
	if (info->drive.access == BOOT_DISK_CHS)
		log_warning("Loader: the disk is read by cylinder, head and sector.\n");
	print_copy_notes(info);
}
