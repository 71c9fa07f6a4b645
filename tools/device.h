/*
 * A disk that an image may be written to: what is known of it, and whether it may be.
 *
 * device_check() and device_describe() are pure; device_facts_read() reads the folders it is given; device_open() is
 * the only one that touches the disk itself.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk;

/* Of two uses, the higher one says more about why a disk must be left alone. */
enum device_use_kind {
	DEVICE_UNUSED,
	DEVICE_HELD,    /* another block device is made of it: LVM, RAID, encryption */
	DEVICE_SWAP,    /* the system keeps memory there */
	DEVICE_MOUNTED, /* at `where` */
	DEVICE_ROOT,    /* the running system is on it */
};

struct device_use {
	enum device_use_kind kind;
	char what[32];   /* the block device in use: the disk, a partition, or what is made of them */
	char where[128]; /* the folder where it is mounted, or the device that holds it */
};

struct device {
	char name[32]; /* as in /sys/class/block; for a file the last part of its path */
	char disk[32]; /* a disk that this is a partition of, or is made of; for a disk empty */
	char model[64], serial[64];
	uint64_t size;       /* bytes */
	uint32_t block_size; /* bytes of one of its blocks */
	unsigned partitions;
	bool is_file;
	bool removable; /* what the kernel says; for USB and memory cards it often says no */
	bool on_usb;
	bool is_card; /* in a reader for SD cards */
	bool read_only;
	struct device_use use; /* the highest one */
};

#define DEVICE_TEXT_MAX 320

/* Whether an image of `size` bytes may be written; if not, why is a sentence. `force_fixed`: also if built in. */
bool device_check(const struct device *device, uint64_t size, bool force_fixed, char why[DEVICE_TEXT_MAX]);

/* Whether it can be taken out of the computer, as far as one can tell. */
bool device_is_portable(const struct device *device);

/* For a person who must recognise it: model, serial number, size, how it is attached. */
void device_describe(const struct device *device, char text[DEVICE_TEXT_MAX]);

/* "15.5 GB", as it is printed on sticks: powers of 1000. */
void device_size_text(uint64_t bytes, char text[32]);

/* Learns about NAME what `sys` and `proc` tell (as a rule /sys and /proc). False when there is no such block device. */
bool device_facts_read(struct device *device, const char *sys, const char *proc, const char *name);

/* The name of the block device with that number, from `sys`; false if there is none. */
bool device_name_find(const char *sys, unsigned major, unsigned minor, char name[32]);

/* ---- device_open.c ---- */

/*
 * Opens a disk to be written by nobody else, or with `is_file` a file, and learns about it. NULL, or why it is not
 * open; device->name is empty then if nothing is known of it. What is read and written must be multiples of
 * device->block_size in memory, on the disk and in size.
 */
const char *device_open(struct disk *target, struct device *device, const char *path, bool is_file);

/* So that what is read next comes from the disk, not from memory. */
void device_forget(const struct disk *target, const struct device *device);

/* The system shall see the new partitions. Whether it does. */
bool device_reread_partitions(const struct disk *target);

/* ---- device_copy.c ---- */

/*
 * Writes the image and reads it back. Fails, saying at which byte, for an error, for what is read and differs, and for
 * SIGINT, SIGTERM and SIGHUP; what is on the disk then starts nothing. Whether an old partition table was removed.
 */
bool device_copy(const struct disk *target, const struct device *device, const struct disk *image);

/* ---- device_progress.c ---- */

/* A bar for what takes long, if standard output is a terminal; else one line. */
void progress_begin(const char *what, uint64_t total);
void progress_show(uint64_t done);
void progress_end(void);

#endif
