/* Which disks may be written to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device.h"

#define IMAGE_SIZE 67108864u

/* A stick as good as any. */
static struct device stick(void)
{
	return (struct device){
	        .name = "sdb",
	        .model = "Maker Stick",
	        .serial = "4C53",
	        .size = 15376318464u,
	        .block_size = 512,
	        .partitions = 1,
	        .removable = true,
	        .on_usb = true,
	};
}

static void assert_allowed(const struct device *device, bool force_fixed)
{
	char why[DEVICE_TEXT_MAX];

	assert_true(device_check(device, IMAGE_SIZE, force_fixed, why));
}

/* `reason` is a part of the sentence; --force-fixed changes nothing about it. */
static void assert_never(const struct device *device, const char *reason)
{
	char why[DEVICE_TEXT_MAX];

	for (int force_fixed = 0; force_fixed < 2; force_fixed++) {
		assert_false(device_check(device, IMAGE_SIZE, force_fixed, why));
		assert_non_null(strstr(why, reason));
	}
}

static void test_size(void **state)
{
	struct device device = stick();

	(void)state;
	assert_allowed(&device, false);
	device.size = IMAGE_SIZE;
	assert_allowed(&device, false);
	device.size = IMAGE_SIZE - 512;
	assert_never(&device, "too small: 67108352 bytes, the image has 67108864");
	device.size = 0;
	assert_never(&device, "no medium");
}

static void test_use(void **state)
{
	struct device device = stick();

	(void)state;
	device.use = (struct device_use){DEVICE_MOUNTED, "sdb1", "/media/stick"};
	assert_never(&device, "sdb1 is mounted at /media/stick");
	device.use = (struct device_use){DEVICE_SWAP, "sdb2", ""};
	assert_never(&device, "swaps to sdb2");
	device.use = (struct device_use){DEVICE_HELD, "sdb3", "dm-0"};
	assert_never(&device, "sdb3 is a part of dm-0");
	device.use = (struct device_use){DEVICE_ROOT, "sdb1", "/"};
	assert_never(&device, "holds the system that is running");
	device.is_file = true; /* a file cannot be in use like that; but nothing goes before this */
	assert_never(&device, "never written to");
}

static void test_what_is_no_whole_disk(void **state)
{
	struct device device = stick();

	(void)state;
	strcpy(device.name, "sdb1");
	strcpy(device.disk, "sdb");
	assert_never(&device, "only a part of /dev/sdb");
}

static void test_write_protection(void **state)
{
	struct device device = stick();

	(void)state;
	device.read_only = true;
	assert_never(&device, "write-protected");
}

static void test_what_may_be_built_in(void **state)
{
	struct device device = stick();
	char why[DEVICE_TEXT_MAX];

	(void)state;
	device.on_usb = device.removable = false;
	assert_false(device_check(&device, IMAGE_SIZE, false, why));
	assert_non_null(strstr(why, "--force-fixed"));
	assert_false(device_is_portable(&device));
	assert_allowed(&device, true);
	device.is_file = true;
	assert_allowed(&device, false);
	for (int way = 0; way < 3; way++) { /* each of the three is enough */
		device = stick();
		device.on_usb = way == 0;
		device.removable = way == 1;
		device.is_card = way == 2;
		assert_true(device_is_portable(&device));
		assert_allowed(&device, false);
	}
}

static void assert_described(const struct device *device, const char *expected)
{
	char text[DEVICE_TEXT_MAX];

	device_describe(device, text);
	assert_string_equal(text, expected);
}

static void test_description(void **state)
{
	struct device device = stick();

	(void)state;
	assert_described(&device, "Maker Stick, serial number 4C53, 15.4 GB, on USB, 1 partition");
	device.removable = false;
	device.partitions = 0;
	assert_described(
	        &device, "Maker Stick, serial number 4C53, 15.4 GB, on USB, not called removable, 0 partitions");
	device.on_usb = false;
	device.model[0] = device.serial[0] = '\0';
	assert_described(&device, "no model, serial number unknown, 15.4 GB, built in?, 0 partitions");
	device.is_card = true;
	assert_described(&device, "no model, serial number unknown, 15.4 GB, a memory card, 0 partitions");
	device.is_file = true;
	assert_described(&device, "a file, 15.4 GB");
}

static void test_sizes_as_text(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
	        {0, "0 bytes"},
	        {999, "999 bytes"},
	        {1000, "1.0 kB"},
	        {1474560, "1.5 MB"},
	        {67108864, "67.1 MB"},
	        {999949999, "999.9 MB"},
	        {999999999, "1.0 GB"},
	        {8004304896, "8.0 GB"},
	        {128035676160, "128.0 GB"},
	        {2000398934016, "2.0 TB"},
	        {UINT64_MAX, "18446744.1 TB"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char text[32];

		device_size_text(sizes[i].bytes, text);
		assert_string_equal(text, sizes[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_size),
	        cmocka_unit_test(test_use),
	        cmocka_unit_test(test_what_is_no_whole_disk),
	        cmocka_unit_test(test_write_protection),
	        cmocka_unit_test(test_what_may_be_built_in),
	        cmocka_unit_test(test_description),
	        cmocka_unit_test(test_sizes_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
