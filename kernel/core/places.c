#include "core/places.h"

#include "core/describer.h"
#include "core/symbols.h"
#include "lib/format.h"
#include "linker.h"
#include "paging.h"

#define NULL_END 0x10000u /* nothing is ever mapped below: pointers near null are seen */

static struct {
	uint64_t bottom, top;
} stack;

/* No pointer that was ever right. */
static bool describe_nowhere(uint64_t address, char *text, size_t size)
{
	if (address < NULL_END)
		format_string(text, size, address == 0 ? "a null pointer" : "a null pointer plus %lu", address);
	else if (!paging_is_canonical(address))
		format_string(text, size, "no canonical address: bits 63 to 47 differ");
	else if ((int64_t)address > 0)
		format_string(text, size, "an address of programs");
	else
		return false;
	return true;
}

static bool describe_image(uint64_t address, char *text, size_t size)
{
	char name[SYMBOLS_TEXT_MAX];

	if (address < (uint64_t)linker_image_start || address >= (uint64_t)linker_image_end)
		return false;
	if (address < (uint64_t)linker_text_end)
		format_string(text, size, "code of the kernel, %s", symbols_describe(address, name));
	else if (address >= (uint64_t)linker_rodata_start && address < (uint64_t)linker_rodata_end)
		format_string(text, size, "a constant of the kernel");
	else if (address >= (uint64_t)linker_data_start)
		format_string(text, size, "a variable of the kernel");
	else
		format_string(text, size, "between two parts of the kernel");
	return true;
}

static bool describe_stack(uint64_t address, char *text, size_t size)
{
	if (address >= stack.bottom && address < stack.top)
		format_string(text, size, "the stack of CPU 0, %lu byte%s below its top", stack.top - address,
		        format_plural(stack.top - address));
	else if (address >= stack.bottom - PAGE_SIZE && address < stack.bottom)
		format_string(text, size, "guard page below the stack of CPU 0");
	else
		return false;
	return true;
}

void places_start(const struct boot_info *info)
{
	static struct describer nowhere = {.describe = describe_nowhere};
	static struct describer of_image = {.describe = describe_image};
	static struct describer of_stack = {.describe = describe_stack};

	stack.bottom = info->kernel.stack_virtual;
	stack.top = stack.bottom + info->kernel.stack_size;
	describer_add(&nowhere);
	describer_add(&of_image);
	describer_add(&of_stack);
}
