/* Whether an image may be written to a disk, judged by what is known of it, and how the disk is told to a person. */
#include "device.h"

#include <stdio.h>
#include <string.h>

bool device_is_portable(const struct device *device)
{
	return device->removable || device->on_usb || device->is_card;
}

/* Nothing overrides a use: whoever wants the disk can unmount it. */
static bool is_unused(const struct device *device, char why[DEVICE_TEXT_MAX])
{
	const struct device_use *use = &device->use;

	switch (use->kind) {
	case DEVICE_UNUSED:
		return true;
	case DEVICE_HELD:
		snprintf(why, DEVICE_TEXT_MAX, "is in use: %s is a part of %s", use->what, use->where);
		return false;
	case DEVICE_SWAP:
		snprintf(why, DEVICE_TEXT_MAX, "is in use: the system swaps to %s", use->what);
		return false;
	case DEVICE_MOUNTED:
		snprintf(why, DEVICE_TEXT_MAX, "is in use: %s is mounted at %s; unmount it first", use->what,
		        use->where);
		return false;
	case DEVICE_ROOT:
		break;
	}
	snprintf(why, DEVICE_TEXT_MAX, "holds the system that is running (%s is mounted at %s); it is never written to",
	        use->what, use->where);
	return false;
}

static bool is_large_enough(const struct device *device, uint64_t size, char why[DEVICE_TEXT_MAX])
{
	if (device->size == 0 && !device->is_file)
		snprintf(why, DEVICE_TEXT_MAX, "has no medium in it, or is no disk");
	else if (device->size < size)
		snprintf(why, DEVICE_TEXT_MAX, "is too small: %llu bytes, the image has %llu",
		        (unsigned long long)device->size, (unsigned long long)size);
	return device->size >= size && device->size > 0;
}

bool device_check(const struct device *device, uint64_t size, bool force_fixed, char why[DEVICE_TEXT_MAX])
{
	if (!is_unused(device, why))
		return false;
	if (device->disk[0]) {
		snprintf(why, DEVICE_TEXT_MAX, "is only a part of /dev/%s; computers start from whole disks",
		        device->disk);
		return false;
	}
	if (device->read_only) {
		snprintf(why, DEVICE_TEXT_MAX, "is write-protected");
		return false;
	}
	if (!is_large_enough(device, size, why))
		return false;
	if (!device->is_file && !device_is_portable(device) && !force_fixed) {
		snprintf(why, DEVICE_TEXT_MAX,
		        "is neither removable nor on USB, so it may be built in; --force-fixed writes to it all the "
		        "same");
		return false;
	}
	return true;
}

void device_size_text(uint64_t bytes, char text[32])
{
	static const char *const unit[] = {"bytes", "kB", "MB", "GB", "TB"};
	double size = (double)bytes;
	unsigned i = 0;

	for (; size >= 999.95 && i + 1 < sizeof(unit) / sizeof(unit[0]); i++)
		size /= 1000;
	snprintf(text, 32, "%.*f %s", i > 0, size, unit[i]);
}

void device_describe(const struct device *device, char text[DEVICE_TEXT_MAX])
{
	const char *attached = device->on_usb ? ", on USB" : device->is_card ? ", a memory card" : "";
	const char *kind = device->removable || device->is_card ? ""
	                   : device->on_usb                     ? ", not called removable"
	                                                        : ", built in?";
	char size[32];

	device_size_text(device->size, size);
	if (device->is_file)
		snprintf(text, DEVICE_TEXT_MAX, "a file, %s", size);
	else
		snprintf(text, DEVICE_TEXT_MAX, "%s, serial number %s, %s%s%s, %u partition%s",
		        device->model[0] ? device->model : "no model", device->serial[0] ? device->serial : "unknown",
		        size, attached, kind, device->partitions, device->partitions == 1 ? "" : "s");
}
