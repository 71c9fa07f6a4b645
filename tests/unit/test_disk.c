/* How the loader reads a disk (boot/stage2/disk.c), on disks that behave badly. Each 512 bytes hold their own LBA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../boot/stage2/disk.c" /* what it knows of the disk is forgotten between tests */

#define SECTOR 512u
#define ANY    UINT32_MAX

struct host_stage2 host_stage2;
char disk_buffer[DISK_BUFFER_SIZE];

/* How the BIOS behaves, */
static struct {
	bool denies_edd, knows_size;
	bool packets_fail, denies_chs;
	uint32_t cylinders, heads, sectors; /* a track may have 0 sectors */
	uint16_t block_size;
	uint64_t blocks;
	uint32_t most;    /* blocks a call */
	uint32_t fails;   /* so many reads, then one works, and again */
	uint64_t bad_lba; /* no read that touches it works */
	uint8_t status;   /* of reads that fail */
	bool corrected;

	/* and what it was asked for: 'E' and 'C' for reads, 'r' for a reset; and how much */
	char calls[64];
	uint32_t counts[64];
	uint32_t failed;
} bios;

static void note(char what, uint32_t count)
{
	size_t at = strlen(bios.calls);

	assert_true(at + 1 < sizeof(bios.calls));
	bios.calls[at] = what;
	bios.counts[at] = count;
}

static bool fail_with(struct bios_registers *r, uint8_t status)
{
	r->eax = (uint32_t)status << 8;
	r->flags = BIOS_CARRY;
	return false;
}

static void read_blocks(struct bios_registers *r, uint64_t block, uint32_t count)
{
	uint32_t scale = bios.block_size / SECTOR;
	uint64_t lba = block * scale, end = lba + (uint64_t)count * scale;
	char *to = host_stage2.buffer;

	assert_true(to >= disk_buffer && to + (size_t)count * bios.block_size <= disk_buffer + sizeof(disk_buffer));
	if (count > bios.most || (bios.bad_lba >= lba && bios.bad_lba < end) ||
	        (bios.fails && bios.failed < bios.fails)) {
		bios.failed++;
		fail_with(r, bios.status);
		return;
	}
	bios.failed = 0;
	for (; lba < end; lba++, to += SECTOR)
		memcpy(to, &lba, sizeof(lba));
	r->flags = 0;
	if (bios.corrected)
		fail_with(r, 0x11);
}

static void packet_call(struct bios_registers *r)
{
	struct packet packet = *(struct packet *)host_stage2.packet;

	assert_int_equal(packet.size, 16);
	note('E', packet.count);
	if (bios.packets_fail)
		fail_with(r, 1);
	else
		read_blocks(r, packet.block, packet.count);
}

static void old_call(struct bios_registers *r)
{
	uint32_t count = r->eax & 0xff, sector = r->ecx & 0x3f, head = r->edx >> 8 & 0xff;
	uint32_t cylinder = (r->ecx >> 8 & 0xff) | (r->ecx & 0xc0) << 2;

	note('C', count);
	assert_true(
	        sector >= 1 && sector - 1 + count <= bios.sectors && head < bios.heads && cylinder < bios.cylinders);
	read_blocks(r, ((uint64_t)cylinder * bios.heads + head) * bios.sectors + sector - 1, count);
}

static void geometry(struct bios_registers *r)
{
	uint32_t last = bios.cylinders - 1;

	assert_int_equal(r->edi | r->es, 0);
	if (bios.denies_chs) {
		fail_with(r, 1);
		return;
	}
	r->ecx = (last & 0xff) << 8 | (last >> 2 & 0xc0) | bios.sectors;
	r->edx = (bios.heads - 1) << 8 | 1;
	r->flags = 0;
}

static void parameters(struct bios_registers *r)
{
	struct drive_parameters *p = host_stage2.packet;

	assert_true(p->size >= 26);
	if (!bios.knows_size) {
		fail_with(r, 1);
		return;
	}
	p->blocks = bios.blocks;
	p->block_size = bios.block_size;
	r->flags = 0;
}

static void int13(unsigned vector, struct bios_registers *r)
{
	assert_int_equal(vector, 0x13);
	assert_int_equal(r->edx & 0xff, 0x81);
	r->flags = BIOS_CARRY;
	switch (r->eax >> 8 & 0xff) {
	case 0x00:
		note('r', 0);
		r->flags = 0;
		break;
	case 0x02:
		old_call(r);
		break;
	case 0x08:
		geometry(r);
		break;
	case 0x41:
		r->ebx = 0xaa55;
		r->ecx = 1;
		r->flags = bios.denies_edd ? BIOS_CARRY : 0;
		break;
	case 0x42:
		packet_call(r);
		break;
	case 0x48:
		parameters(r);
		break;
	default:
		fail_msg("AH=%02xh was called", r->eax >> 8 & 0xff);
	}
}

static int new_machine(void **state)
{
	(void)state;
	memset(&disk, 0, sizeof(disk));
	memset(&bios, 0, sizeof(bios));
	host_stage2.bios = int13;
	bios.knows_size = true;
	bios.cylinders = 1024;
	bios.heads = 255;
	bios.sectors = 63;
	bios.block_size = SECTOR;
	bios.blocks = UINT64_MAX;
	bios.most = ANY;
	bios.bad_lba = UINT64_MAX;
	bios.status = 4;
	return 0;
}

/* Reads, and looks at each sector. */
static void read_well(uint64_t lba, uint32_t count)
{
	memset(disk_buffer, 0, sizeof(disk_buffer));
	assert_true(disk_read(lba, count));
	for (uint32_t i = 0; i < count; i++) {
		uint64_t found;

		memcpy(&found, disk_buffer + (size_t)i * SECTOR, sizeof(found));
		assert_int_equal(found, lba + i);
	}
}

static void expect_calls(const char *calls)
{
	assert_string_equal(bios.calls, calls);
	memset(bios.calls, 0, sizeof(bios.calls));
}

static struct boot_notes notes(struct boot_drive *drive)
{
	struct boot_notes notes = {0};

	disk_describe(drive, &notes);
	return notes;
}

static void test_64_bits(void **state)
{
	(void)state;
	disk_open(0x81);
	for (unsigned bit = 3; bit < 55; bit++)
		read_well((1ull << bit) + 8, 8);
	assert_int_equal(disk_sectors(), UINT32_MAX);
}

static void test_block_sizes(void **state)
{
	for (uint16_t size = SECTOR; size <= 4096; size *= 2) {
		struct boot_drive drive;

		new_machine(state);
		bios.block_size = size;
		bios.blocks = 1000;
		disk_open(0x81);
		read_well(2048, 64);
		assert_int_equal(bios.counts[0], 64 * SECTOR / size);
		expect_calls("E");
		read_well((1ull << 33) + 8, 8);
		assert_int_equal(disk_sectors(), 1000 * size / SECTOR);
		notes(&drive);
		assert_int_equal(drive.block_size, size);
	}
}

static void test_pieces_are_halved_and_stay_so(void **state)
{
	static const uint32_t counts[] = {64, 0, 32, 0, 16, 16, 16, 16};
	struct boot_drive drive;

	(void)state;
	bios.most = 16;
	disk_open(0x81);
	read_well(4096, 64);
	for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		assert_int_equal(bios.counts[i], counts[i]);
	expect_calls("ErErEEEE");
	read_well(8192, 64);
	expect_calls("EEEE");
	assert_int_equal(notes(&drive).read_retries, 2);
	assert_int_equal(drive.access, BOOT_DISK_EDD);
}

static void test_corrected_is_right(void **state)
{
	struct boot_drive drive;

	(void)state;
	bios.corrected = true;
	disk_open(0x81);
	read_well(2048, 64);
	expect_calls("E");
	assert_int_equal(notes(&drive).read_retries, 0);
	assert_int_equal(disk_last_status(), 0);
}

static void test_the_sixth_try_may_be_the_first_to_work(void **state)
{
	(void)state;
	disk_open(0x81);
	read_well(2040, 8);
	expect_calls("E");
	bios.fails = 5;
	read_well(2048, 8);
	expect_calls("ErErErErCrE");
}

static void test_six_tries_and_one_when_asked_again(void **state)
{
	(void)state;
	bios.bad_lba = 2051;
	bios.status = 0x10;
	disk_open(0x81);
	read_well(2040, 8);
	expect_calls("E");
	assert_false(disk_read(2048, 8));
	assert_int_equal(disk_last_status(), 0x10);
	expect_calls("ErErErErCrEr");
	assert_false(disk_read(2048, 8));
	expect_calls("Er");
	read_well(2056, 8);
	expect_calls("E");
}

static void test_single_blocks(void **state)
{
	(void)state;
	for (bios.most = 1; bios.most < 8; bios.most++) {
		memset(&disk, 0, sizeof(disk));
		memset(bios.calls, 0, sizeof(bios.calls));
		disk_open(0x81);
		read_well(2048, 8);
		expect_calls("ErErErErCrEEEEEEEE");
		read_well(2056, 16);
		expect_calls("EEEEEEEEEEEEEEEE"); /* what worked is kept */
	}
}

/* The end of a track may make a read smaller than the disk's limit: that it works says nothing of larger ones. */
static void test_single_blocks_after_the_end_of_a_track(void **state)
{
	(void)state;
	bios.denies_edd = bios.packets_fail = true;
	bios.most = 4;
	disk_open(0x81);
	read_well(33 * 63 - 3, 8);
	expect_calls("CCrCrCrCrErCCCCC");
	read_well(4096, 8);
	expect_calls("CCCCCCCC");
}

/* Nor are they asked for when it is not the size. */
static void test_no_single_blocks_after_more_were_read(void **state)
{
	(void)state;
	bios.bad_lba = 2048;
	disk_open(0x81);
	assert_false(disk_read(2048, 8));
	assert_int_equal(bios.counts[10], 1); /* the last of six reads */
	memset(bios.calls, 0, sizeof(bios.calls));
	read_well(2056, 8);
	expect_calls("E");
	bios.bad_lba = 4096 + 12;
	assert_false(disk_read(4096, 64));
	assert_int_equal(disk_bad_lba(), 4096 + 8);
	for (size_t i = 0; i < strlen(bios.calls); i++)
		assert_true(bios.counts[i] == 8 || bios.calls[i] == 'r');
}

/* What can be read of a piece with a bad sector in it is read. */
static void test_only_what_is_bad_is_not_read(void **state)
{
	(void)state;
	bios.bad_lba = 2048 + 63;
	disk_open(0x81);
	assert_false(disk_read(2048, 64));
	for (uint32_t lba = 2048; lba < 2048 + 56; lba += 8)
		read_well(lba, 8);
}

static void test_packet_calls_that_were_promised(void **state)
{
	struct boot_drive drive;

	(void)state;
	bios.packets_fail = true;
	disk_open(0x81);
	read_well(2048, 8);
	expect_calls("ErErErErC");
	read_well(2056, 8);
	expect_calls("C"); /* what worked is kept */
	notes(&drive);
	assert_int_equal(drive.access, BOOT_DISK_CHS);
}

static void test_no_sectors_per_track(void **state)
{
	(void)state;
	bios.sectors = 0;
	bios.packets_fail = true;
	disk_open(0x81);
	assert_false(disk_read(2048, 8));
	assert_int_equal(disk_last_status(), 1); /* the packet call's */

	new_machine(state);
	bios.sectors = 0;
	bios.denies_edd = true;
	disk_open(0x81);
	read_well(2048, 8); /* denied, but there */

	new_machine(state);
	bios.sectors = 0;
	disk_open(0x81);
	read_well(2040, 8);
	expect_calls("E");
	bios.fails = 4;
	read_well(2048, 8);
	expect_calls("ErErErErrE");
}

static void test_tracks(void **state)
{
	static const struct {
		uint32_t cylinders, heads, sectors;
	} shapes[] = {{80, 2, 18}, {80, 2, 36}, {1024, 16, 63}, {1024, 256, 63}, {1023, 255, 1}};

	for (unsigned i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		uint32_t all = shapes[i].cylinders * shapes[i].heads * shapes[i].sectors;

		new_machine(state);
		bios.denies_edd = bios.packets_fail = true;
		bios.knows_size = false;
		bios.cylinders = shapes[i].cylinders;
		bios.heads = shapes[i].heads;
		bios.sectors = shapes[i].sectors;
		disk_open(0x81);
		for (uint32_t lba = 0; lba + 64 <= all; lba += all / 100) {
			memset(bios.calls, 0, sizeof(bios.calls));
			read_well(lba, 64 > 4 * bios.sectors ? 8 : 64);
		}
		assert_int_equal(disk_sectors(), all);
		memset(bios.calls, 0, sizeof(bios.calls));
		assert_false(disk_read(1024ull * bios.heads * bios.sectors, 8));
		assert_int_equal(disk_last_status(), 1);
		memset(bios.calls, 0, sizeof(bios.calls));
		assert_false(disk_read(1ull << 32, 8));
	}
}

/* A geometry says less than the disk has. */
static void test_size_is_the_exact_one(void **state)
{
	(void)state;
	bios.denies_edd = true;
	bios.block_size = 2048;
	bios.blocks = 20000000;
	disk_open(0x81);
	read_well(2048, 64);
	assert_int_equal(disk_sectors(), 80000000);
}

static void test_size_that_nobody_says(void **state)
{
	(void)state;
	bios.knows_size = false;
	disk_open(0x81);
	read_well(2048, 64);
	assert_int_equal(disk_sectors(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_64_bits, new_machine),
	        cmocka_unit_test_setup(test_block_sizes, new_machine),
	        cmocka_unit_test_setup(test_pieces_are_halved_and_stay_so, new_machine),
	        cmocka_unit_test_setup(test_corrected_is_right, new_machine),
	        cmocka_unit_test_setup(test_the_sixth_try_may_be_the_first_to_work, new_machine),
	        cmocka_unit_test_setup(test_six_tries_and_one_when_asked_again, new_machine),
	        cmocka_unit_test_setup(test_single_blocks, new_machine),
	        cmocka_unit_test_setup(test_single_blocks_after_the_end_of_a_track, new_machine),
	        cmocka_unit_test_setup(test_no_single_blocks_after_more_were_read, new_machine),
	        cmocka_unit_test_setup(test_only_what_is_bad_is_not_read, new_machine),
	        cmocka_unit_test_setup(test_packet_calls_that_were_promised, new_machine),
	        cmocka_unit_test_setup(test_no_sectors_per_track, new_machine),
	        cmocka_unit_test_setup(test_tracks, new_machine),
	        cmocka_unit_test_setup(test_size_is_the_exact_one, new_machine),
	        cmocka_unit_test_setup(test_size_that_nobody_says, new_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
