/* What is read from /sys and /proc, tried on folders that look like them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"

static char root[64], sys[80], proc[80];

#define STICK  "devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb"
#define BUILT  "devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda"
#define CARD   "devices/pci0000:00/0000:00:1e.4/mmc_host/mmc0/mmc0:0001/block/mmcblk0"
#define MAPPED "devices/virtual/block/dm-0"

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
}

/* Below the root: sys/... or proc/... */
static void put(const char *folder, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/%s", root, folder, name);
	make_folders(path);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void put_link(const char *name, const char *target)
{
	char path[512], whole[512];

	snprintf(path, sizeof(path), "%s/%s", sys, name);
	snprintf(whole, sizeof(whole), "%s/%s", sys, target);
	make_folders(path);
	assert_int_equal(symlink(whole, path), 0);
}

static void put_device(const char *folder, const char *name, const char *number, const char *sectors)
{
	char text[512];

	snprintf(text, sizeof(text), "sys/%s", folder);
	put(text, "dev", number);
	put(text, "size", sectors);
	put(text, "removable", "0\n");
	put(text, "ro", "0\n");
	put(text, "queue/logical_block_size", "512\n");
	snprintf(text, sizeof(text), "class/block/%s", name);
	put_link(text, folder);
	snprintf(text, sizeof(text), "dev/block/%.*s", (int)strcspn(number, "\n"), number);
	put_link(text, folder);
}

static int prepare(void **state)
{
	(void)state;
	strcpy(root, "/tmp/device_facts.XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(sys, sizeof(sys), "%s/sys", root);
	snprintf(proc, sizeof(proc), "%s/proc", root);
	put("proc", "self/mountinfo", "");
	put("proc", "swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");

	put_device(STICK, "sdb", "8:16\n", "30031872\n");
	put("sys/" STICK, "removable", "1\n");
	put("sys/" STICK, "device/vendor", "Maker   \n");
	put("sys/" STICK, "device/model", "Stick \x1b[31m 3.0   \n");
	put("sys/devices/pci0000:00/0000:00:14.0/usb2", "idVendor", "1d6b\n");
	put("sys/devices/pci0000:00/0000:00:14.0/usb2", "serial", "the root hub's\n");
	put("sys/devices/pci0000:00/0000:00:14.0/usb2/2-1", "idVendor", "0781\n");
	put("sys/devices/pci0000:00/0000:00:14.0/usb2/2-1", "serial", "4C530001\n");
	put_device(STICK "/sdb1", "sdb1", "8:17\n", "30029824\n");
	put("sys/" STICK "/sdb1", "partition", "1\n");

	put_device(BUILT, "sda", "8:0\n", "1000215216\n");
	put("sys/" BUILT, "device/vendor", "ATA     \n");
	put("sys/" BUILT, "device/model", "Built In SSD\n");
	put("sys/" BUILT, "device/serial", "S1\n");
	put_device(BUILT "/sda1", "sda1", "8:1\n", "1000\n");
	put("sys/" BUILT "/sda1", "partition", "1\n");
	put_device(BUILT "/sda2", "sda2", "8:2\n", "1000\n");
	put("sys/" BUILT "/sda2", "partition", "2\n");
	return 0;
}

static int clean(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

static struct device facts(const char *name)
{
	struct device device;

	assert_true(device_facts_read(&device, sys, proc, name));
	assert_string_equal(device.name, name);
	return device;
}

static void assert_use(const char *name, enum device_use_kind kind, const char *what, const char *where)
{
	struct device device = facts(name);

	assert_int_equal(device.use.kind, kind);
	assert_string_equal(device.use.what, what);
	assert_string_equal(device.use.where, where);
}

static void test_a_stick(void **state)
{
	struct device device = facts("sdb");

	(void)state;
	assert_string_equal(device.model, "Maker Stick ?[31m 3.0");
	assert_string_equal(device.serial, "4C530001");
	assert_int_equal(device.size, 30031872ull * 512);
	assert_int_equal(device.block_size, 512);
	assert_int_equal(device.partitions, 1);
	assert_true(device.removable && device.on_usb && !device.is_card && !device.read_only);
	assert_string_equal(device.disk, "");
	assert_use("sdb", DEVICE_UNUSED, "", "");
}

static void test_a_disk_that_is_built_in(void **state)
{
	struct device device = facts("sda");

	(void)state;
	assert_string_equal(device.model, "Built In SSD");
	assert_string_equal(device.serial, "S1");
	assert_true(!device.removable && !device.on_usb && !device.is_card);
	assert_int_equal(device.partitions, 2);
}

static void test_cards(void **state)
{
	(void)state;
	put_device(CARD, "mmcblk0", "179:0\n", "31116288\n");
	put("sys/" CARD, "device/type", "SD\n");
	put("sys/" CARD, "device/name", "SU16G\n");
	put("sys/" CARD, "device/serial", "0x12\n");
	assert_true(facts("mmcblk0").is_card);
	assert_string_equal(facts("mmcblk0").model, "SU16G");
	put("sys/" CARD, "device/type", "MMC\n"); /* soldered in */
	assert_false(facts("mmcblk0").is_card);
	put("sys/" CARD, "ro", "1\n");
	assert_true(facts("mmcblk0").read_only);
}

static void test_names(void **state)
{
	char name[32];
	struct device device;

	(void)state;
	assert_true(device_name_find(sys, 8, 17, name));
	assert_string_equal(name, "sdb1");
	assert_false(device_name_find(sys, 8, 18, name));
	assert_false(device_facts_read(&device, sys, proc, "sdz"));
	assert_string_equal(facts("sdb1").disk, "sdb");
}

static void test_mounts(void **state)
{
	(void)state;
	put("proc", "self/mountinfo",
	        "22 27 0:21 / /proc rw - proc proc rw\n"
	        "27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	        "30 27 8:17 / /media/my\\040stick rw shared:2 master:1 - vfat /dev/sdb1 rw\n"
	        "31 27 8:170 / /other rw - vfat /dev/sdb10 rw\n");
	assert_use("sdb", DEVICE_MOUNTED, "sdb1", "/media/my\\040stick");
	assert_use("sdb1", DEVICE_MOUNTED, "sdb1", "/media/my\\040stick");
	assert_use("sda", DEVICE_ROOT, "sda1", "/");
	assert_use("sda2", DEVICE_UNUSED, "", "");
}

/* btrfs: the number is nobody's. The root counts for more than what was found before it. */
static void test_mounts_without_a_number(void **state)
{
	(void)state;
	put("proc", "self/mountinfo",
	        "40 27 0:40 /home /home rw - btrfs /dev/sda2 rw,subvol=/home\n"
	        "27 1 0:40 /root / rw - btrfs /dev/sda2 rw\n"
	        "41 27 0:40 /var /var rw - btrfs /dev/sda2 rw\n");
	assert_use("sda", DEVICE_ROOT, "sda2", "/");
	assert_use("sda1", DEVICE_UNUSED, "", "");
}

static void test_a_whole_disk_that_is_mounted(void **state)
{
	(void)state;
	put("proc", "self/mountinfo", "30 27 8:16 / /mnt rw - ext4 /dev/sdb rw\n");
	assert_use("sdb", DEVICE_MOUNTED, "sdb", "/mnt");
	assert_use("sdb1", DEVICE_UNUSED, "", "");
}

static void test_lines_that_are_cut_off(void **state)
{
	(void)state;
	put("proc", "self/mountinfo",
	        "30 27 8:17\n30\n\n30 27 8:17 / /cut\n30 27 9:9 / /x rw -\n30 27 9:9 / /x rw - vfat\n");
	assert_use("sdb", DEVICE_UNUSED, "", "");
}

static void test_swap(void **state)
{
	(void)state;
	put("proc", "swaps", "Filename Type\n/dev/sda20 partition 1 0 -2\n/swapfile file 1 0 -3\n");
	assert_use("sda", DEVICE_UNUSED, "", "");
	put("proc", "swaps", "Filename Type\n/dev/sda2                               partition\t1\t0\t-2\n");
	assert_use("sda", DEVICE_SWAP, "sda2", "");
}

/* sdb1 is encrypted, and the system is on what is inside. */
static void test_holders(void **state)
{
	(void)state;
	put_device(MAPPED, "dm-0", "253:0\n", "1000\n");
	put("sys/" MAPPED, "slaves/sdb1", "");
	put("sys/" STICK "/sdb1", "holders/dm-0", "");
	assert_use("sdb", DEVICE_HELD, "sdb1", "dm-0");
	assert_string_equal(facts("dm-0").disk, "sdb1");
	put("proc", "self/mountinfo", "27 1 253:0 / / rw - ext4 /dev/mapper/inside rw\n");
	assert_use("sdb", DEVICE_ROOT, "dm-0", "/");
	put("sys/" MAPPED, "holders/dm-0", ""); /* nonsense, but no end of it */
	assert_use("sdb", DEVICE_ROOT, "dm-0", "/");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_stick),
	        TEST(test_a_disk_that_is_built_in),
	        TEST(test_cards),
	        TEST(test_names),
	        TEST(test_mounts),
	        TEST(test_mounts_without_a_number),
	        TEST(test_a_whole_disk_that_is_mounted),
	        TEST(test_lines_that_are_cut_off),
	        TEST(test_swap),
	        TEST(test_holders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
