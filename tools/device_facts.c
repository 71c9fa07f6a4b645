/*
 * What Linux tells about a block device: its attributes in sysfs, and who uses it.
 *
 * In use is a disk if it, one of its partitions, or what is made of one of these (LVM, RAID, encryption: `holders`) is
 * mounted or swapped to; and if anything is made of it at all. Mounts are known by their device number; some file
 * systems (btrfs) show a number that is nobody's, and are known by the device they name.
 *
 * https://docs.kernel.org/admin-guide/sysfs-rules.html; proc_pid_mountinfo(5); proc_swaps(5)
 */
#include "device.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 8 /* of devices made of devices */

struct reader {
	struct device *device;
	const char *sys, *proc;
};

/* ---- attributes ---- */

static bool join(char path[PATH_MAX], const char *a, const char *b, const char *c)
{
	return snprintf(path, PATH_MAX, "%s/%s/%s", a, b, c) < PATH_MAX;
}

/* Spaces around it are cut off, and what a terminal must not see becomes '?'. */
static void tidy(char *text)
{
	char *first = text + strspn(text, " \t\n");
	size_t length = strlen(first);

	while (length > 0 && strchr(" \t\n", first[length - 1]))
		length--;
	memmove(text, first, length);
	text[length] = '\0';
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

/* The first line of folder/name; empty, and false, when there is none. */
static bool read_text(const char *folder, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	FILE *file;
	bool is_read;

	text[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return false;
	file = fopen(path, "r");
	if (!file)
		return false;
	is_read = fgets(text, (int)size, file) != NULL;
	fclose(file);
	if (!is_read)
		text[0] = '\0';
	tidy(text);
	return text[0] != '\0';
}

static uint64_t read_number(const char *folder, const char *name)
{
	char text[32];

	return read_text(folder, name, text, sizeof(text)) ? strtoull(text, NULL, 10) : 0;
}

static bool exists(const char *folder, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) && access(path, F_OK) == 0;
}

static void cut_last_part(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
}

/* The name of something in folder/name, if there is anything. */
static void first_entry(const char *folder, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *entries;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return;
	entries = opendir(path);
	if (!entries)
		return;
	while ((entry = readdir(entries)))
		if (entry->d_name[0] != '.')
			snprintf(text, size, "%.*s", (int)size - 1, entry->d_name);
	closedir(entries);
}

/* The USB device is one of the folders above the disk's; disks on USB have a serial number nowhere else. */
static void read_usb(struct device *device, const char *sys, const char *folder)
{
	char path[PATH_MAX], root[PATH_MAX];

	if (!realpath(folder, path) || !realpath(sys, root))
		return;
	for (; strlen(path) > strlen(root); cut_last_part(path))
		if (exists(path, "idVendor")) {
			device->on_usb = true;
			read_text(path, "serial", device->serial, sizeof(device->serial));
			return;
		}
}

static void read_model(struct device *device, const char *folder)
{
	char vendor[32], model[32];

	read_text(folder, "device/vendor", vendor, sizeof(vendor));
	if (!read_text(folder, "device/model", model, sizeof(model)))
		read_text(folder, "device/name", model, sizeof(model)); /* memory cards have a name */
	if (strncmp(vendor, "0x", 2) == 0 || strcmp(vendor, "ATA") == 0)
		vendor[0] = '\0'; /* the maker of the controller's chip; none */
	snprintf(device->model, sizeof(device->model), "%s%s%s", vendor, vendor[0] && model[0] ? " " : "", model);
	if (!read_text(folder, "device/serial", device->serial, sizeof(device->serial)))
		read_text(folder, "serial", device->serial, sizeof(device->serial));
}

static void read_attributes(struct device *device, const char *sys, const char *folder)
{
	char type[16];

	device->size = read_number(folder, "size") * 512; /* in this unit, whatever the disk's blocks are */
	device->block_size = (uint32_t)read_number(folder, "queue/logical_block_size");
	device->removable = read_number(folder, "removable") != 0;
	device->read_only = read_number(folder, "ro") != 0;
	/* Soldered in, it would be MMC. Of neither does the kernel say that it is removable. */
	device->is_card = read_text(folder, "device/type", type, sizeof(type)) && strcmp(type, "SD") == 0;
	read_model(device, folder);
	read_usb(device, sys, folder);
}

/* ---- uses ---- */

static void note_use(struct device *device, enum device_use_kind kind, const char *what, const char *where)
{
	if (kind <= device->use.kind)
		return;
	device->use.kind = kind;
	snprintf(device->use.what, sizeof(device->use.what), "%s", what);
	snprintf(device->use.where, sizeof(device->use.where), "%.*s", (int)sizeof(device->use.where) - 1, where);
}

static bool is_device_path(const char *path, const char *name)
{
	return strncmp(path, "/dev/", 5) == 0 && strcmp(path + 5, name) == 0;
}

/* ID PARENT MAJOR:MINOR ROOT WHERE OPTIONS [TAG]... - TYPE SOURCE OPTIONS */
static void read_mount(struct device *device, const char *name, const char *number, char *line)
{
	char *field[5], *rest = line, *source;

	for (unsigned i = 0; i < 5; i++) {
		field[i] = strsep(&rest, " ");
		if (!rest)
			return;
	}
	source = strstr(rest, "- ");
	if (source) {
		source += 2;
		strsep(&source, " ");
		source = strsep(&source, " ");
	}
	if (strcmp(field[2], number) == 0 || (source && is_device_path(source, name)))
		note_use(device, strcmp(field[4], "/") == 0 ? DEVICE_ROOT : DEVICE_MOUNTED, name, field[4]);
}

/* PATH TYPE SIZE USED PRIORITY, below a line of headings */
static void read_swap(struct device *device, const char *name, const char *number, char *line)
{
	(void)number;
	line[strcspn(line, " \t\n")] = '\0';
	if (is_device_path(line, name))
		note_use(device, DEVICE_SWAP, name, "");
}

static void read_lines(const struct reader *reader, const char *file_name, const char *name, const char *number,
        void (*read_line)(struct device *device, const char *name, const char *number, char *line))
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/%s", reader->proc, file_name) >= (int)sizeof(path))
		return;
	file = fopen(path, "r");
	if (!file)
		return;
	while (getline(&line, &size, file) > 0)
		read_line(reader->device, name, number, line);
	free(line);
	fclose(file);
}

static void read_uses(const struct reader *reader, const char *name, unsigned depth);

/* Those in folder/`inside`, or those inside that are partitions. */
static void read_uses_of_all(
        const struct reader *reader, const char *name, const char *inside, bool partitions, unsigned depth)
{
	char path[PATH_MAX], entry_path[PATH_MAX];
	const struct dirent *entry;
	DIR *folder;

	if (snprintf(path, sizeof(path), "%s/class/block/%s%s", reader->sys, name, inside) >= (int)sizeof(path))
		return;
	folder = opendir(path);
	if (!folder)
		return;
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		if (partitions &&
		        (!join(entry_path, path, entry->d_name, "partition") || access(entry_path, F_OK) != 0))
			continue;
		if (partitions && depth == 0)
			reader->device->partitions++;
		if (!partitions)
			note_use(reader->device, DEVICE_HELD, name, entry->d_name);
		read_uses(reader, entry->d_name, depth + 1);
	}
	closedir(folder);
}

static void read_uses(const struct reader *reader, const char *name, unsigned depth)
{
	char folder[PATH_MAX], number[32];

	if (depth > DEPTH_MAX || !join(folder, reader->sys, "class/block", name))
		return;
	read_text(folder, "dev", number, sizeof(number));
	read_lines(reader, "self/mountinfo", name, number, read_mount);
	read_lines(reader, "swaps", name, number, read_swap);
	read_uses_of_all(reader, name, "", true, depth);
	read_uses_of_all(reader, name, "/holders", false, depth);
}

/* ---- all of it ---- */

bool device_name_find(const char *sys, unsigned major, unsigned minor, char name[32])
{
	char link[PATH_MAX], path[PATH_MAX];
	const char *last;

	if (snprintf(link, sizeof(link), "%s/dev/block/%u:%u", sys, major, minor) >= (int)sizeof(link) ||
	        !realpath(link, path))
		return false;
	last = strrchr(path, '/') + 1;
	return snprintf(name, 32, "%s", last) < 32;
}

bool device_facts_read(struct device *device, const char *sys, const char *proc, const char *name)
{
	const struct reader reader = {.device = device, .sys = sys, .proc = proc};
	char folder[PATH_MAX], path[PATH_MAX];

	*device = (struct device){0};
	if (!join(folder, sys, "class/block", name) || !realpath(folder, path))
		return false;
	snprintf(device->name, sizeof(device->name), "%s", name);
	if (exists(folder, "partition")) {
		cut_last_part(path);
		snprintf(device->disk, sizeof(device->disk), "%s", strrchr(path, '/') + 1);
	} else {
		first_entry(folder, "slaves", device->disk, sizeof(device->disk));
	}
	read_attributes(device, sys, folder);
	read_uses(&reader, name, 0);
	return true;
}
