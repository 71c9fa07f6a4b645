/* The files mkimage reads and the one it writes. */
#include "mkimage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void input_read(struct input *input, const char *path, size_t limit)
{
	struct stat status;
	size_t done = 0;
	int file = open(path, O_RDONLY | O_NONBLOCK); /* so that a pipe nobody writes to is refused, not waited for */

	if (file < 0 || fstat(file, &status) != 0)
		fail(path, "%s", strerror(errno));
	if (S_ISDIR(status.st_mode))
		fail(path, "is a directory");
	if (!S_ISREG(status.st_mode))
		fail(path, "is not a regular file");
	if (status.st_size == 0)
		fail(path, "is empty");
	if ((uint64_t)status.st_size > limit)
		fail(path, "is too large: %lld bytes, the limit is %zu", (long long)status.st_size, limit);

	*input = (struct input){
	        .path = path,
	        .data = allocate((size_t)status.st_size),
	        .size = (size_t)status.st_size,
	};
	while (done < input->size) {
		ssize_t taken = read(file, input->data + done, input->size - done);

		if (taken < 0 && errno != EINTR)
			fail(path, "%s", strerror(errno));
		if (taken == 0)
			fail(path, "became shorter while it was read");
		if (taken > 0)
			done += (size_t)taken;
	}
	close(file);
}

void input_free(struct input *input)
{
	free(input->packed);
	free(input->data);
}

bool same_file(const char *a, const char *b)
{
	struct stat of_a, of_b;

	return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

const char *bytes_write(int file, uint64_t *offset, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	while (size > 0) {
		ssize_t written = pwrite(file, bytes, size, (off_t)*offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? strerror(errno) : "no more bytes are taken";
		bytes += written;
		*offset += (uint64_t)written;
		size -= (size_t)written;
	}
	return NULL;
}

/* The file being written; temporary is NULL when there is none to remove. */
static struct {
	const char *path;
	char *volatile temporary;
	int file;
} output;

static void remove_temporary(void)
{
	if (output.temporary)
		unlink(output.temporary);
}

/* Installed with SA_RESETHAND: raising the signal again ends the program as the sender wanted. */
static void remove_and_die(int number)
{
	remove_temporary();
	raise(number);
}

void output_begin(const char *path)
{
	static const char suffix[] = ".XXXXXX";
	size_t size = strlen(path) + sizeof(suffix);
	struct stat status;
	char *temporary = allocate(size);
	mode_t mask = umask(0);

	umask(mask);
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		fail(path, "exists and is not a regular file");
	snprintf(temporary, size, "%s%s", path, suffix);
	output.path = path;
	signals_catch(remove_and_die, (int)SA_RESETHAND);
	atexit(remove_temporary);
	output.file = mkstemp(temporary);
	if (output.file < 0)
		fail(path, "%s", strerror(errno));
	output.temporary = temporary;
	if (fchmod(output.file, 0666 & ~mask) != 0)
		fail(path, "%s", strerror(errno));
}

void output_write(uint64_t offset, const void *data, size_t size)
{
	const char *why = bytes_write(output.file, &offset, data, size);

	if (why)
		fail(output.path, "%s", why);
}

void output_commit(uint64_t size)
{
	if (ftruncate(output.file, (off_t)size) != 0 || fsync(output.file) != 0 || close(output.file) != 0 ||
	        rename(output.temporary, output.path) != 0)
		fail(output.path, "%s", strerror(errno));
	free(output.temporary);
	output.temporary = NULL;
}
