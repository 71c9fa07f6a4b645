/* An image that is there already, as a file or on a disk, read and written in place. */
#include "mkimage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The lock is one that other programs which write images take, too: another mkimage, and QEMU. */
void disk_lock(const struct disk *disk)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(disk->file, F_SETLK, &all) == 0)
		return;
	if (errno == EACCES || errno == EAGAIN)
		fail(disk->path, "is in use by another program");
	fail(disk->path, "cannot be locked: %s", strerror(errno));
}

void disk_open(struct disk *disk, const char *path, bool to_write)
{
	struct stat status;
	off_t end;

	*disk = (struct disk){.path = path, .file = open(path, (to_write ? O_RDWR : O_RDONLY) | O_NONBLOCK)};
	if (disk->file < 0 || fstat(disk->file, &status) != 0)
		fail(path, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		fail(path, "is neither a file nor a disk");
	end = lseek(disk->file, 0, SEEK_END);
	if (end < 0)
		fail(path, "%s", strerror(errno));
	disk->size = (uint64_t)end;
	if (disk->size < (IMAGE_START_LBA + IMAGE_BLOCK_SECTORS) * SECTOR_SIZE)
		fail(path, "is too short for an image");
	if (to_write)
		disk_lock(disk);
}

const char *disk_read(const struct disk *disk, uint64_t offset, void *data, size_t size)
{
	uint8_t *bytes = data;

	while (size > 0) {
		ssize_t taken = pread(disk->file, bytes, size, (off_t)offset);

		if (taken < 0 && errno == EINTR)
			continue;
		if (taken <= 0)
			return taken < 0 ? strerror(errno) : "the image became shorter";
		bytes += taken;
		offset += (uint64_t)taken;
		size -= (size_t)taken;
	}
	return NULL;
}

void disk_write(const struct disk *disk, uint64_t lba, const void *data, size_t size)
{
	uint64_t offset = lba * SECTOR_SIZE;
	const char *why = bytes_write(disk->file, &offset, data, size);

	if (why)
		fail(disk->path, "LBA %llu cannot be written: %s", (unsigned long long)(offset / SECTOR_SIZE), why);
	if (fsync(disk->file) != 0)
		fail(disk->path, "%s", strerror(errno));
}

void disk_close(const struct disk *disk)
{
	close(disk->file);
}
