/*
 * The configuration of an image that is there: printed, replaced, edited. Nothing is written before all of it was read
 * the way the loader will read it. Of its two copies first the one that is not in use is written, then the other one,
 * and each is on the disk before the next step: whenever the power fails, the old configuration is whole, or the new
 * one.
 */
#include "mkimage.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/config.h"
#include "lib/image.h"

/* Added to what is edited, and taken away again: lines that begin so. */
#define HINT "#:"

static const char hints[] =
        "#: default = NAME      the entry that is started when nobody chooses; without it, the first\n"
        "#: timeout = SECONDS   the menu is shown so long; without it, only to who holds Shift or presses a key\n"
        "#: cmdline = WORDS     the kernel's command line\n"
        "#: kernel = other       or A, or B: whose kernel is tried first; without it, the one that the image prefers\n"
        "#: modules = NAME...   the modules that are loaded; without it, all\n"
        "#: [NAME]              begins an entry. What stands above the first one holds for each that says nothing "
        "else.\n"
        "#: Lines that begin with #: are not kept.\n";

/* The mark that editors of other systems put in front of UTF-8. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct text {
	char bytes[2 * IMAGE_CONFIG_TEXT_MAX + sizeof(hints)]; /* with room for what is taken away again */
	size_t size;
};

struct found {
	struct image_header header;
	struct image_config copy[IMAGE_SLOT_COUNT];
	int in_use; /* the first that is whole; -1: neither is */
};

void config_fill(struct image_config *config, const char *text, size_t size)
{
	struct crc32c_table crc;

	crc32c_table_init(&crc);
	memset(config, 0, sizeof(*config));
	config->magic = IMAGE_CONFIG_MAGIC;
	config->size = (uint32_t)size;
	memcpy(config->text, text, size);
	config->crc32c = image_config_crc(&crc, config);
}

bool config_says(char sentence[CONFIG_SENTENCE_MAX], const char *text, size_t size, const struct image_header *header)
{
	struct config config;
	struct config_error error;

	if (config_parse(&config, text, (uint32_t)size, header, &error))
		return false;
	config_error_say(sentence, "", &error);
	return true;
}

uint32_t config_slot(const struct image_config *config, const struct image_header *header)
{
	struct config parsed;
	struct config_error error;

	config_parse(&parsed, config->text, config->size, header, &error);
	return parsed.entry[parsed.chosen].slot;
}

static void find(struct found *found, const struct disk *disk)
{
	struct image_state *state = allocate(sizeof(*state));
	struct crc32c_table crc;

	image_examine(disk, state);
	if (state->header_in_use < 0)
		fail(disk->path, "%s", state->fault[PART_HEADER]);
	found->header = state->header;
	found->in_use = -1;
	crc32c_table_init(&crc);
	for (uint32_t i = image_config_copies(&found->header); i-- > 0;) {
		uint64_t lba = found->header.config_lba + i * IMAGE_BLOCK_SECTORS;
		const char *why = disk_read(disk, lba * SECTOR_SIZE, &found->copy[i], sizeof(found->copy[i]));

		if (!why && !image_config_check(&crc, &found->copy[i]))
			found->in_use = (int)i;
	}
	free(state);
}

static void write_copies(const struct found *found, const struct disk *disk, const struct image_config *config)
{
	uint32_t in_use = found->in_use > 0 ? 1 : 0;
	const uint32_t order[IMAGE_SLOT_COUNT] = {!in_use, in_use};

	for (unsigned i = 0; i < IMAGE_SLOT_COUNT; i++)
		if (order[i] < image_config_copies(&found->header) &&
		        memcmp(&found->copy[order[i]], config, sizeof(*config)) != 0)
			disk_write(disk, found->header.config_lba + order[i] * IMAGE_BLOCK_SECTORS, config,
			        sizeof(*config));
}

/* ---- where a text comes from ---- */

static void remove_hints(struct text *text)
{
	char *to = text->bytes, *from = text->bytes, *end = text->bytes + text->size;

	while (from < end) {
		char *after = memchr(from, '\n', (size_t)(end - from));

		after = after ? after + 1 : end;
		if ((size_t)(after - from) < strlen(HINT) || memcmp(from, HINT, strlen(HINT)) != 0) {
			memmove(to, from, (size_t)(after - from));
			to += after - from;
		}
		from = after;
	}
	text->size = (size_t)(to - text->bytes);
}

/* Each line ends with a line feed alone; so does the last one, if there is room for that. */
static void mend_line_ends(struct text *text)
{
	size_t mark = strlen(BYTE_ORDER_MARK), to = 0;
	size_t from = text->size >= mark && memcmp(text->bytes, BYTE_ORDER_MARK, mark) == 0 ? mark : 0;

	for (; from < text->size; from++)
		if (text->bytes[from] != '\r' || from + 1 == text->size || text->bytes[from + 1] != '\n')
			text->bytes[to++] = text->bytes[from];
	if (to > 0 && to < IMAGE_CONFIG_TEXT_MAX && text->bytes[to - 1] != '\n')
		text->bytes[to++] = '\n';
	if (to == IMAGE_CONFIG_TEXT_MAX + 1 && text->bytes[to - 1] == '\n')
		to--;
	text->size = to;
}

/* Reads a file, and makes it the image's kind of text. Whether there is a mistake in it, and which. */
static bool read_text(struct text *text, const char *path, const struct image_header *header, char *sentence)
{
	bool is_input = strcmp(path, "-") == 0;
	FILE *file = is_input ? stdin : fopen(path, "r");
	bool is_cut;

	if (!file)
		fail(path, "%s", strerror(errno));
	text->size = fread(text->bytes, 1, sizeof(text->bytes), file);
	if (ferror(file))
		fail(is_input ? "standard input" : path, "%s", strerror(errno));
	is_cut = text->size == sizeof(text->bytes);
	if (!is_input)
		fclose(file);
	if (text->size == 0) { /* of a program that failed, or an editor: nobody writes such a text */
		snprintf(sentence, CONFIG_SENTENCE_MAX, " is empty");
		return true;
	}
	remove_hints(text);
	mend_line_ends(text);
	if (!is_cut && text->size <= IMAGE_CONFIG_TEXT_MAX)
		return config_says(sentence, text->bytes, text->size, header);
	snprintf(sentence, CONFIG_SENTENCE_MAX, " is longer than %u bytes", IMAGE_CONFIG_TEXT_MAX);
	return true;
}

void config_from_file(struct image_config *config, const char *path, const struct image_header *header)
{
	struct text *text = allocate(sizeof(*text));
	char sentence[CONFIG_SENTENCE_MAX];

	if (read_text(text, path, header, sentence))
		fail(NULL, "%s:%s", strcmp(path, "-") == 0 ? "standard input" : path, sentence);
	config_fill(config, text->bytes, text->size);
	free(text);
}

/* ---- the editor ---- */

/* The file with what is edited; "" when there is none, or all of it is in the image. */
static char draft[1024];

static void name_draft(void)
{
	if (draft[0] && access(draft, F_OK) == 0)
		fprintf(stderr, "mkimage: what was edited is kept in %s\n", draft);
}

static void remove_draft(void)
{
	if (draft[0])
		unlink(draft);
	draft[0] = '\0';
}

/* What is in use, if that is anything, and the hints. */
static void write_draft(const char *path, int file, const struct image_config *now)
{
	uint64_t offset = 0;
	const char *why = now ? bytes_write(file, &offset, now->text, now->size) : NULL;

	if (!why && offset && now->text[offset - 1] != '\n')
		why = bytes_write(file, &offset, "\n", 1);
	why = why ? why : bytes_write(file, &offset, hints, strlen(hints));
	close(file);
	if (why)
		fail(path, "%s", why);
}

static void run_editor(const char *path)
{
	const char *editor = getenv("VISUAL");
	char command[4096];
	int status;
	pid_t child;
	void (*interrupted)(int);

	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (!editor || !*editor)
		editor = "vi";
	if (snprintf(command, sizeof(command), "exec %s \"$1\"", editor) >= (int)sizeof(command))
		fail("EDITOR", "is too long");
	interrupted = signal(SIGINT, SIG_IGN); /* Ctrl-C is the editor's */
	child = fork();                        /* the words of EDITOR are the shell's to read, the path is not */
	if (child == 0) {
		signal(SIGINT, interrupted);
		execl("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, interrupted);
	if (child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 127))
		remove_draft(); /* it was never started */
	if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail(editor, "did not end well; nothing was written");
}

static bool wants_again(void)
{
	char answer[8];

	printf("Edit it again? [Y/n] ");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == '\n' || answer[0] == 'y' || answer[0] == 'Y');
}

static void edit(struct image_config *config, const struct found *found)
{
	const char *folder = getenv("TMPDIR");
	struct text *text = allocate(sizeof(*text));
	char path[sizeof(draft)], sentence[CONFIG_SENTENCE_MAX];
	bool is_wrong;

	snprintf(path, sizeof(path), "%s/cairn-config.XXXXXX", folder && *folder ? folder : "/tmp");
	int file = mkstemp(path);
	if (file < 0)
		fail(path, "%s", strerror(errno));
	write_draft(path, file, found->in_use < 0 ? NULL : &found->copy[found->in_use]);
	memcpy(draft, path, sizeof(draft));
	atexit(name_draft);
	do {
		run_editor(path);
		is_wrong = read_text(text, path, &found->header, sentence);
		if (is_wrong)
			fprintf(stderr, "mkimage: %s:%s\n", path, sentence);
	} while (is_wrong && wants_again());
	if (is_wrong)
		fail(NULL, "nothing was written");
	config_fill(config, text->bytes, text->size);
	free(text);
}

/* ---- the command ---- */

static void print(const struct found *found, const char *path)
{
	if (found->in_use < 0)
		fail(path, "no copy of the configuration is whole");
	fwrite(found->copy[found->in_use].text, 1, found->copy[found->in_use].size, stdout);
}

static void say_what_is_started(const struct image_config *text, const struct image_header *header)
{
	struct config config;
	struct config_error error;
	const struct config_words *chosen;

	config_parse(&config, text->text, text->size, header, &error); /* it was checked */
	chosen = &config.entry[config.chosen].name;
	printf("%u %s; %.*s is started", config.count, config.count == 1 ? "entry" : "entries", (int)chosen->length,
	        chosen->text);
	if (config.timeout)
		printf(" after %u second%s", config.timeout, config.timeout == 1 ? "" : "s");
	printf("\n");
}

void image_config(const char *path, const char *file)
{
	struct found *found = allocate(sizeof(*found));
	struct image_config *config = allocate(sizeof(*config));
	bool prints = !file && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
	struct disk disk;

	disk_open(&disk, path, !prints);
	find(found, &disk);
	if (prints)
		print(found, path);
	else if (file)
		config_from_file(config, file, &found->header);
	else
		edit(config, found);
	if (!prints) {
		write_copies(found, &disk, config);
		remove_draft();
		say_what_is_started(config, &found->header);
	}
	disk_close(&disk);
	free(config);
	free(found);
}
