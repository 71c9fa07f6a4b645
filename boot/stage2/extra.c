#include "extra.h"

#include "layout.h"
#include "verify.h"

static struct verify_source source;
static bool loaded;

void extra_init(const struct image_header *header, unsigned copy)
{
	source = verify_stage2(header, copy);
}

bool extra_load(void)
{
	if (!loaded)
		loaded = verify_load(
		        &source, stage2_extra - stage2_begin, stage2_extra_end - stage2_extra, stage2_extra);
	return loaded;
}
