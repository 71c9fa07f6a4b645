/*
 * Opens what an image is written to. With O_EXCL Linux gives a disk to nobody who wants to mount it, and refuses it if
 * it is mounted, be it in a container whose mounts cannot be seen from here (open(2)). With O_DIRECT bytes go to the
 * disk and come from it, not from memory, so that an error is known where it happens and what is read back is what is
 * there.
 */
#ifdef __linux__
#define _GNU_SOURCE /* O_DIRECT */
#endif
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#ifdef __linux__
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#endif

#include "mkimage.h"

static const char *open_file(struct disk *target, struct device *device)
{
	const char *slash = strrchr(target->path, '/');
	struct stat status;

	target->file = open(target->path, O_RDWR | O_NONBLOCK);
	if (target->file < 0 || fstat(target->file, &status) != 0)
		return strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "is not a regular file";
	target->size = (uint64_t)status.st_size;
	*device = (struct device){.is_file = true, .size = target->size, .block_size = SECTOR_SIZE};
	snprintf(device->name, sizeof(device->name), "%.*s", (int)sizeof(device->name) - 1,
	        slash ? slash + 1 : target->path);
	return NULL;
}

#ifdef __linux__

static const char *why_not_opened(int error)
{
	if (error == EBUSY)
		return "is in use: the kernel gives it to nobody else; a container may have it mounted";
	if (error == EACCES || error == EPERM)
		return "may be written to by the administrator only: say the same after sudo";
	return strerror(error);
}

/* It is taken before anything is asked about it: what is true of a disk that nobody else can take stays true. */
static const char *open_disk(struct disk *target, struct device *device)
{
	struct stat status;
	char name[32];
	int error;

	if (stat(target->path, &status) != 0)
		return strerror(errno);
	if (S_ISREG(status.st_mode))
		return "is a file and no disk; with --file it is written to all the same";
	if (!S_ISBLK(status.st_mode))
		return "is no disk";
	target->file = open(target->path, O_RDWR | O_EXCL | O_DIRECT | O_CLOEXEC);
	error = errno;
	if (target->file >= 0 && (fstat(target->file, &status) != 0 || !S_ISBLK(status.st_mode)))
		return "is no disk any more";
	if (!device_name_find("/sys", major(status.st_rdev), minor(status.st_rdev), name) ||
	        !device_facts_read(device, "/sys", "/proc", name))
		return "is not in /sys, which would tell what it is";
	target->size = device->size;
	return target->file < 0 ? why_not_opened(error) : NULL;
}

void device_forget(const struct disk *target, const struct device *device)
{
	if (device->is_file)
		posix_fadvise(target->file, 0, 0, POSIX_FADV_DONTNEED);
	else
		ioctl(target->file, BLKFLSBUF);
}

bool device_reread_partitions(const struct disk *target)
{
	return ioctl(target->file, BLKRRPART) == 0;
}

#else

static const char *open_disk(struct disk *target, struct device *device)
{
	(void)target;
	(void)device;
	return "disks are not written to on this system: docs/real-disks.md tells how dd does it";
}

void device_forget(const struct disk *target, const struct device *device)
{
	(void)target;
	(void)device;
}

bool device_reread_partitions(const struct disk *target)
{
	(void)target;
	return false;
}

#endif

const char *device_open(struct disk *target, struct device *device, const char *path, bool is_file)
{
	const char *why;

	*target = (struct disk){.path = path, .file = -1};
	*device = (struct device){0};
	why = is_file ? open_file(target, device) : open_disk(target, device);
	if (!why)
		disk_lock(target);
	return why;
}
