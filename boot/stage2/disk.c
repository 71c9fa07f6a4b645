#include "disk.h"

#include "bios.h"
#include "layout.h"
#include "lib/string.h"

#define TRIES              6u
#define SMALL_PIECE        8u   /* sectors: what readers ask for at least */
#define STATUS_CORRECTED   0x11 /* the data is right, error correction had to help */
#define STATUS_NO_GEOMETRY 0xff /* ours: the disk cannot be read by cylinder, head and sector */
#define EDD_PACKET_CALLS   1u
#define CHS_CYLINDERS      1024u

static struct {
	uint8_t number;
	bool edd;                     /* the BIOS promises packet calls */
	enum boot_disk_access access; /* what worked last */
	uint8_t shift;                /* a block is 512 << shift bytes */
	uint8_t last_status;
	uint32_t sectors; /* of 512 bytes, at most UINT32_MAX; 0: nobody says */
	uint16_t retries;
	uint32_t piece;     /* sectors per BIOS call; halved for disks that refuse more */
	bool reads_several; /* small pieces at once; after the first it is not asked for a single block */
	uint64_t bad;       /* the block at which all tries failed last: asked for again, it gets one. 0: none */
} disk;

/* The disk address packet of AH=42h. */
struct packet {
	uint16_t size, count, offset, segment;
	uint64_t block;
};

/* What AH=48h tells, with room for BIOSes that write all of EDD 4 whatever they were asked for. */
struct drive_parameters {
	uint16_t size, flags;
	uint32_t cylinders, heads, sectors;
	uint64_t blocks;
	uint16_t block_size;
	uint8_t rest[48];
} __attribute__((packed));

/* INT 13h with AH = function for the disk. True when it worked; else its status is kept. */
static bool disk_call(uint8_t function, struct bios_registers *r)
{
	r->eax |= function << 8;
	r->edx |= disk.number;
	bios_call(0x13, r);
	if (!bios_failed(r) || bios_ah(r) == STATUS_CORRECTED)
		return true;
	disk.last_status = bios_ah(r);
	return false;
}

/* As stage 1 does: without asking first whether packet calls are there, for some BIOSes deny what they have. */
static void ask_size(void)
{
	struct drive_parameters parameters = {.size = 30};
	struct bios_registers r = {.esi = bios_near(&parameters)};
	if (!disk_call(0x48, &r))
		return;
	for (uint8_t shift = 1; shift <= 3; shift++)
		if (parameters.block_size == 512u << shift)
			disk.shift = shift;
	bool fits = parameters.blocks < UINT32_MAX >> disk.shift;
	disk.sectors = fits ? (uint32_t)parameters.blocks << disk.shift : UINT32_MAX;
}

void disk_open(uint8_t number)
{
	disk.number = number;
	disk.piece = DISK_READ_MAX;
	struct bios_registers r = {.ebx = 0x55aa};
	disk.edd = disk_call(0x41, &r) && (uint16_t)r.ebx == 0xaa55 && (r.ecx & EDD_PACKET_CALLS);
	disk.access = disk.edd ? BOOT_DISK_EDD : BOOT_DISK_CHS;
	ask_size();
	disk.last_status = 0;
}

static bool read_edd(uint64_t block, uint32_t count, char *to)
{
	struct packet packet = {sizeof packet, count, 0, bios_segment(to), block};
	/* The buffer also as the older call has it: who takes that for this one overwrites nothing. */
	struct bios_registers r = {.esi = bios_near(&packet), .es = bios_segment(to)};
	return disk_call(0x42, &r);
}

/* One call reads within one track only: `*count` is cut down to what it read. */
static bool read_chs(uint64_t address, uint32_t *count, char *to)
{
	uint32_t block = address;
	struct bios_registers r = {0};
	if (!disk_call(0x08, &r))
		return false;
	uint32_t sectors = r.ecx & 0x3f, heads = (r.edx >> 8 & 0xff) + 1;
	if (disk.sectors == 0) /* AH=48h is more exact */
		disk.sectors = (((r.ecx >> 8 & 0xff) | (r.ecx << 2 & 0x300)) + 1) * heads * sectors;
	if (address >> 32 || sectors == 0 || block / sectors / heads >= CHS_CYLINDERS) {
		if (disk.last_status == 0) /* else what the packet call said tells more */
			disk.last_status = STATUS_NO_GEOMETRY;
		return false;
	}
	uint32_t sector = block % sectors, head = block / sectors % heads, cylinder = block / sectors / heads;
	if (*count > sectors - sector)
		*count = sectors - sector;
	r = (struct bios_registers){
	        .eax = *count,
	        .ecx = cylinder << 8 | (cylinder >> 2 & 0xc0) | (sector + 1),
	        .edx = head << 8,
	        .es = bios_segment(to),
	};
	r.ecx &= 0xffff;
	return disk_call(0x02, &r);
}

static bool read_once(uint64_t block, uint32_t *count, char *to)
{
	return disk.access == BOOT_DISK_EDD ? read_edd(block, *count, to) : read_chs(block, count, to);
}

/* After a failure: reset, smaller pieces, and after half of the tries the other kind of call, in turn; if nothing
 * worked so far, the last try is for a single block. */
static void prepare_retry(unsigned tries_left)
{
	uint8_t status = disk.last_status;
	struct bios_registers r = {0};
	disk_call(0x00, &r);
	disk.last_status = status;
	disk.retries++;
	if (disk.piece > SMALL_PIECE)
		disk.piece /= 2;
	if (tries_left == 2 && !disk.reads_several)
		disk.piece = 1 << disk.shift;
	if (tries_left <= TRIES / 2)
		disk.access = disk.access == BOOT_DISK_EDD ? BOOT_DISK_CHS : BOOT_DISK_EDD;
}

static bool read_piece(uint64_t block, uint32_t *count, char *to)
{
	for (unsigned left = block && block == disk.bad ? 1 : TRIES; left; left--) {
		uint32_t most = disk.piece >> disk.shift;
		if (*count > most)
			*count = most;
		if (read_once(block, count, to)) {
			disk.reads_several |= *count >= SMALL_PIECE >> disk.shift;
			return true;
		}
		prepare_retry(left);
	}
	disk.piece = SMALL_PIECE; /* it was not the size */
	disk.access = disk.edd ? BOOT_DISK_EDD : BOOT_DISK_CHS;
	disk.bad = block;
	return false;
}

bool disk_read(uint64_t lba, uint32_t count)
{
	char *to = disk_buffer;
	uint64_t block = lba >> disk.shift;
	for (uint32_t left = count >> disk.shift; left;) {
		uint32_t n = left;
		if (!read_piece(block, &n, to))
			return false;
		block += n;
		left -= n;
		to += n << (9 + disk.shift);
	}
	return true;
}

uint32_t disk_sectors(void)
{
	return disk.sectors;
}

uint8_t disk_last_status(void)
{
	return disk.last_status;
}

IN_REST uint64_t disk_bad_lba(void)
{
	return disk.bad << disk.shift;
}

IN_REST void disk_describe(struct boot_drive *drive, struct boot_notes *notes)
{
	drive->bios_number = disk.number;
	drive->access = disk.access;
	drive->block_size = 512u << disk.shift;
	notes->read_retries = disk.retries;
	notes->last_disk_status = disk.last_status;
}
