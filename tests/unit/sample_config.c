#include "sample_config.h"

#include <string.h>

#include "lib/image.h"
#include "verify.h"

void sample_config_seal(struct image_config *config)
{
	if (config->size <= IMAGE_CONFIG_TEXT_MAX)
		config->crc32c = image_config_crc(verify_table(), config);
}

void sample_config_fill(struct image_config *config, const char *text, size_t size)
{
	memset(config, 0, sizeof(*config));
	config->magic = IMAGE_CONFIG_MAGIC;
	config->size = size < IMAGE_CONFIG_TEXT_MAX ? (uint32_t)size : IMAGE_CONFIG_TEXT_MAX;
	memcpy(config->text, text, config->size);
	sample_config_seal(config);
}

static bool is_control(char c)
{
	return ((uint8_t)c < 32 && c != '\n') || c == 127;
}

bool sample_config_line(const struct image_config *config, char line[SAMPLE_CONFIG_LINE])
{
	char text[SAMPLE_CONFIG_LINE], *rest = text;
	bool found = false;

	line[0] = 0;
	if (config->magic != IMAGE_CONFIG_MAGIC || config->size > IMAGE_CONFIG_TEXT_MAX)
		return false;
	for (uint32_t i = 0; i < config->size; i++)
		if (is_control(config->text[i]))
			return false;
	memcpy(text, config->text, config->size);
	text[config->size] = 0;
	if (config->size && text[config->size - 1] != '\n')
		return false;
	for (char *end; (end = strchr(rest, '\n')); rest = end + 1) { /* no zero byte is among what got here */
		char *equals;

		*end = 0;
		equals = strchr(rest, '=');
		if (!equals || equals == rest) {
			line[0] = 0;
			return false;
		}
		*equals = 0;
		if (strcmp(rest, "cmdline") == 0 && !found) {
			strcpy(line, equals + 1);
			found = true;
		}
	}
	return true;
}

void sample_config_words(const char *words, size_t size, char line[SAMPLE_CONFIG_LINE])
{
	size_t length = size < IMAGE_CONFIG_TEXT_MAX ? size : IMAGE_CONFIG_TEXT_MAX;

	for (size_t i = 0; i < length; i++)
		line[i] = is_control(words[i]) || words[i] == '\n' ? '?' : words[i];
	line[length] = 0;
}
