/* The boot sector: stage 1's code, the partition table and what is patched into both. */
#include "mkimage.h"

#include <string.h>

void mbr_check(const struct input *stage1)
{
	static const uint8_t zeros[SECTOR_SIZE];
	struct mbr mbr;

	if (stage1->size != sizeof(mbr))
		fail(stage1->path, "is %zu bytes long, not the %zu of a boot sector", stage1->size, sizeof(mbr));
	memcpy(&mbr, stage1->data, sizeof(mbr));
	if (mbr.signature != MBR_SIGNATURE)
		fail(stage1->path, "does not end in the signature 55 AA of a boot sector");
	if (memcmp(&mbr.disk_signature, zeros, sizeof(mbr) - MBR_DISK_SIGNATURE_OFFSET - sizeof(mbr.signature)) != 0)
		fail(stage1->path, "has bytes where the disk signature and the partition table go (440 to 509)");
	if (memcmp(mbr.code + MBR_PATCH_OFFSET, zeros, sizeof(struct mbr_patch)) != 0)
		fail(stage1->path, "has bytes where the place of stage 2 goes (40 to 51)");
}

/*
 * Cylinder, head and sector of an LBA in the geometry every BIOS uses for large disks, 255 heads of 63 sectors; past
 * the last cylinder the fields say FE FF FF.
 */
static void encode_chs(uint8_t chs[3], uint32_t lba)
{
	const uint32_t heads = 255, sectors = 63;
	uint32_t cylinder = lba / (heads * sectors);
	uint32_t head = lba / sectors % heads;
	uint32_t sector = lba % sectors + 1;

	if (cylinder > 1023) {
		cylinder = 1023;
		head = 254;
		sector = 63;
	}
	chs[0] = (uint8_t)head;
	chs[1] = (uint8_t)(sector | (cylinder >> 2 & 0xc0));
	chs[2] = (uint8_t)cylinder;
}

static struct mbr_partition describe_partition(uint8_t status, uint8_t type, uint32_t lba, uint32_t sectors)
{
	struct mbr_partition partition = {.status = status, .type = type, .lba_first = lba, .sectors = sectors};

	encode_chs(partition.chs_first, lba);
	encode_chs(partition.chs_last, lba + sectors - 1);
	return partition;
}

bool mbr_chs_agrees(const struct mbr_partition *partition)
{
	struct mbr_partition right = describe_partition(0, 0, partition->lba_first, partition->sectors);

	return memcmp(partition->chs_first, right.chs_first, 3) == 0 &&
	       memcmp(partition->chs_last, right.chs_last, 3) == 0;
}

void mbr_set_partitions(struct mbr *mbr, uint32_t boot_sectors, uint32_t data_lba, uint32_t data_sectors)
{
	memset(mbr->partition, 0, sizeof(mbr->partition));
	mbr->partition[0] = describe_partition(MBR_ACTIVE, MBR_TYPE_CAIRN, IMAGE_START_LBA, boot_sectors);
	if (data_sectors)
		mbr->partition[1] = describe_partition(0, MBR_TYPE_FAT32_LBA, data_lba, data_sectors);
}
