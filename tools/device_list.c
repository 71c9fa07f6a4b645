/* The disks of this machine, to find the one that is meant. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "mkimage.h"

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return alphasort(a, b);
}

void device_list(const char *image)
{
	struct dirent **entry;
	int count = scandir("/sys/class/block", &entry, NULL, compare_names);
	struct disk disk;

	disk_open(&disk, image, false);
	for (int i = 0; i < count; i++) {
		struct device device;
		char text[DEVICE_TEXT_MAX];

		if (!device_facts_read(&device, "/sys", "/proc", entry[i]->d_name) || device.size == 0 ||
		        device.disk[0])
			continue;
		device_describe(&device, text);
		printf("/dev/%s: %s\n", device.name, text);
		if (!device_check(&device, disk.size, false, text))
			printf("    %s\n", text);
	}
	disk_close(&disk);
}
