/*
 * Makes the disk image from its parts, changes kernel and configuration of one that was made, and checks one. The
 * layout is in include/format/image.h.
 */
#include "mkimage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] = "usage: mkimage -o IMAGE --stage1 FILE --stage2 FILE --kernel FILE [OPTION]...\n"
                            "       mkimage update IMAGE --kernel FILE [--no-compress]\n"
                            "       mkimage config IMAGE [FILE]\n"
                            "       mkimage verify IMAGE\n"
                            "       mkimage write IMAGE DISK [--yes] [--force-fixed] [--file]\n"
                            "\n"
                            "The first form writes a raw disk image. The second puts another kernel into one that is\n"
                            "there, as a file or on a disk, and keeps the kernel that it started so far as fall-back:\n"
                            "killed at any moment, it leaves an image that starts. The third changes what an image\n"
                            "can start: it takes a configuration from FILE (-: standard input), or lets you edit the\n"
                            "one that is there, in $EDITOR; where that cannot be asked for, it prints it. What has a\n"
                            "mistake is refused. The fourth reads an image, prints its parts and exits with 1 if\n"
                            "anything in it is wrong. The fifth puts an image on a disk (/dev/sdX), after a question,\n"
                            "and reads it back; without DISK it lists disks.\n"
                            "\n"
                            "  -o IMAGE            the image to write; replaced only when the new one is whole\n"
                            "  --stage1 FILE       boot sector, 512 bytes\n"
                            "  --stage2 FILE       loader, at most 64 KiB\n"
                            "  --kernel FILE       ELF64 kernel, stored packed where less of it has to be read then\n"
                            "  --no-compress       stored unchanged\n"
                            "  --cmdline TEXT      the kernel's command line\n"
                            "  --config FILE       or all that can be started, as for mkimage config\n"
                            "  --module NAME=FILE  a file to load with the kernel; up to 16 times\n"
                            "  --no-data           no FAT32 partition after the boot partition\n"
                            "  --pad N             make the image at least N MiB large\n"
                            "\n"
                            "  --yes               do not ask, for scripts\n"
                            "  --force-fixed       also to a disk that may be built into this computer\n"
                            "  --file              DISK is a file\n"
                            "\n"
                            "SOURCE_DATE_EPOCH, when set, is noted as the time of the build. The same input gives the\n"
                            "same image, byte for byte.\n";

/* Decimal digits only: strtoull alone takes signs and leading space. `what` is named when they are not. */
static uint64_t parse_number(const char *what, const char *text, uint64_t limit)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0')
		fail(what, "'%s' is not a number", text);
	if (errno == ERANGE || value > limit)
		fail(what, "%s is too large, the limit is %llu", text, (unsigned long long)limit);
	return value;
}

/* A name is letters, digits, '.', '_' and '-', so that it can be typed on a command line and shown anywhere. */
static void add_module(struct build_options *options, const char *argument)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *separator = strchr(argument, '=');
	struct module_option *module = &options->module[options->module_count];
	size_t length;

	if (!separator || separator[1] == '\0')
		fail("--module", "'%s' is not of the form NAME=FILE", argument);
	if (options->module_count == IMAGE_MODULE_MAX)
		fail("--module", "there are more than %u modules", IMAGE_MODULE_MAX);
	length = (size_t)(separator - argument);
	if (length == 0 || strspn(argument, allowed) != length)
		fail("--module", "the name '%.*s' is not made of letters, digits, '.', '_' and '-'", (int)length,
		        argument);
	if (length >= IMAGE_NAME_MAX)
		fail("--module", "the name '%.*s' is longer than %u bytes", (int)length, argument, IMAGE_NAME_MAX - 1);
	memcpy(module->name, argument, length);
	module->path = separator + 1;
	for (uint32_t i = 0; i < options->module_count; i++)
		if (strcmp(options->module[i].name, module->name) == 0)
			fail("--module", "the name '%s' is given twice", module->name);
	options->module_count++;
}

static void set_once(const char *option, const char **value, const char *argument)
{
	if (*value)
		fail(option, "given twice");
	if (argument[0] == '\0' && strcmp(option, "--cmdline") != 0)
		fail(option, "needs a value");
	*value = argument;
}

/* Whether it is an option that takes no value. */
static bool set_flag(struct build_options *options, const char *option)
{
	bool *flag = strcmp(option, "--no-data") == 0       ? &options->no_data
	             : strcmp(option, "--no-compress") == 0 ? &options->no_compress
	                                                    : NULL;

	if (!flag)
		return false;
	if (*flag)
		fail(option, "given twice");
	*flag = true;
	return true;
}

static void parse_options(struct build_options *options, int count, char *const *argument)
{
	const char *pad = NULL;
	const struct {
		const char *name;
		const char **value;
	} with_value[] = {
	        {"-o", &options->output},
	        {"--stage1", &options->stage1},
	        {"--stage2", &options->stage2},
	        {"--kernel", &options->kernel},
	        {"--cmdline", &options->cmdline},
	        {"--config", &options->config},
	        {"--pad", &pad},
	};
	const size_t option_count = sizeof(with_value) / sizeof(with_value[0]);

	for (int i = 0; i < count; i++) {
		const char *option = argument[i];
		size_t n = 0;

		if (set_flag(options, option))
			continue;
		while (n < option_count && strcmp(option, with_value[n].name) != 0)
			n++;
		if (n == option_count && strcmp(option, "--module") != 0)
			fail(option, "unknown option; mkimage --help lists them");
		if (++i == count)
			fail(option, "needs a value");
		if (n == option_count)
			add_module(options, argument[i]);
		else
			set_once(option, with_value[n].value, argument[i]);
	}
	for (size_t n = 0; n < 4; n++)
		if (!*with_value[n].value)
			fail(with_value[n].name, "missing; mkimage --help shows what is needed");
	if (options->cmdline && options->config)
		fail("--cmdline", "belongs into the file of --config");
	if (pad)
		options->pad = parse_number("--pad", pad, UINT32_MAX / (MIB / SECTOR_SIZE)) * MIB;
}

static void update(int count, char *const *argument)
{
	const char *image = NULL, *kernel = NULL;
	bool no_compress = false;

	for (int i = 0; i < count; i++) {
		if (strcmp(argument[i], "--no-compress") == 0) {
			no_compress = true;
		} else if (strcmp(argument[i], "--kernel") == 0) {
			if (++i == count)
				fail("--kernel", "needs a value");
			set_once("--kernel", &kernel, argument[i]);
		} else if (argument[i][0] == '-') {
			fail(argument[i], "unknown option; mkimage --help lists them");
		} else {
			set_once("IMAGE", &image, argument[i]);
		}
	}
	if (!image || !kernel)
		fail("update", "needs an image and --kernel FILE");
	image_update(image, kernel, no_compress);
}

static void config(int count, char *const *argument)
{
	for (int i = 0; i < count; i++)
		if (argument[i][0] == '-' && argument[i][1] != '\0')
			fail(argument[i], "unknown option; mkimage --help lists them");
	if (count < 1 || count > 2)
		fail("config", "takes an image, and a file if it is not to be edited");
	image_config(argument[0], count == 2 ? argument[1] : NULL);
}

static void flush_output(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		fail("standard output", "%s", strerror(errno));
}

static void write_to_disk(int count, char *const *argument)
{
	struct write_options options = {0};

	for (int i = 0; i < count; i++) {
		if (strcmp(argument[i], "--yes") == 0)
			options.yes = true;
		else if (strcmp(argument[i], "--force-fixed") == 0)
			options.force_fixed = true;
		else if (strcmp(argument[i], "--file") == 0)
			options.is_file = true;
		else if (argument[i][0] == '-')
			fail(argument[i], "unknown option; mkimage --help lists them");
		else if (!options.image)
			set_once("IMAGE", &options.image, argument[i]);
		else
			set_once("DISK", &options.target, argument[i]);
	}
	if (!options.image)
		fail("write", "needs an image and a disk");
	if (!options.target) {
		device_list(options.image);
		flush_output();
		fail("write", "needs a disk; those of this machine are above");
	}
	image_write(&options);
}

/* https://reproducible-builds.org/specs/source-date-epoch */
static uint64_t build_time(void)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");

	return text ? parse_number("SOURCE_DATE_EPOCH", text, INT64_MAX) : 0;
}

/*
 * Whoever starts a program may have closed its standard files. The next file it opens would be one of them, and what is
 * said would be written into the image. What is opened here instead cannot be written to, so that it is still an error.
 */
static void occupy_standard_files(void)
{
	int file;

	do
		file = open("/dev/null", O_RDONLY);
	while (file >= 0 && file <= STDERR_FILENO);
	close(file);
}

int main(int count, char **argument)
{
	struct build_options options = {0};
	unsigned faults = 0;

	occupy_standard_files();
	signal(SIGXFSZ, SIG_IGN); /* past a limit on file sizes, write() then says EFBIG */
	if (count == 2 && strcmp(argument[1], "--help") == 0) {
		fputs(usage, stdout);
	} else if (count > 1 && strcmp(argument[1], "verify") == 0) {
		if (count != 3)
			fail("verify", "takes one image");
		faults = image_verify(argument[2]);
	} else if (count > 1 && strcmp(argument[1], "update") == 0) {
		update(count - 2, argument + 2);
	} else if (count > 1 && strcmp(argument[1], "config") == 0) {
		config(count - 2, argument + 2);
	} else if (count > 1 && strcmp(argument[1], "write") == 0) {
		write_to_disk(count - 2, argument + 2);
	} else {
		parse_options(&options, count - 1, argument + 1);
		options.build_time = build_time();
		if (!options.cmdline)
			options.cmdline = "";
		image_build(&options);
	}
	flush_output();
	if (faults)
		fail(argument[2], "%u %s", faults, faults == 1 ? "fault" : "faults");
	return 0;
}
