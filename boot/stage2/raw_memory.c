/* ACPI 6.5, chapter 15.1 (INT 15h, E820h); E801h and 88h are older BIOSes' calls. */
#include "raw_memory.h"

#include <stdbool.h>

#include "bios.h"
#include "console.h"

#define SMAP      0x534d4150u /* "SMAP" */
#define KIB       1024u
#define MIB       (1024u * KIB)
#define LOW_END   0xa0000u /* where the video memory begins */
#define LOW_LEAST 0x80000u /* a BIOS that claims less is not believed */

#define ENTRY_LEAST  20u /* bytes of an answer: base, size and type */
#define REPEATS_MOST MEMORY_RAW_MAX

void raw_memory_add(struct raw_memory *raw, uint64_t base, uint64_t size, uint32_t type)
{
	raw->range[raw->count++] = (struct boot_raw_range){base, size, type, MEMORY_ATTRIBUTE_VALID};
}

/* Attributes take no part: a list that begins again is the same list. */
static bool is_listed(const struct raw_memory *raw, const struct boot_raw_range *entry)
{
	for (uint32_t i = 0; i < raw->count; i++) {
		const struct boot_raw_range *other = &raw->range[i];
		if (other->base == entry->base && other->size == entry->size && other->type == entry->type)
			return true;
	}
	return false;
}

enum answer { ANSWER_ENTRY, ANSWER_END, ANSWER_NONSENSE };

/* Where the BIOS writes, with room for those that write more than they were asked for. */
struct place {
	struct boot_raw_range range;
	uint8_t more[104];
};

/* The entry for *next, and in *next what to ask for after it; 0 for nothing. */
static enum answer ask_entry(struct place *place, uint32_t *next)
{
	place->range.attributes = MEMORY_ATTRIBUTE_VALID; /* older BIOSes return 20 bytes, without them */
	struct bios_registers r = {.eax = 0xe820, .ebx = *next, .ecx = sizeof place->range, .edx = SMAP};
	r.es = bios_segment(place);
	r.edi = bios_offset(place);
	bios_call(0x15, &r);
	if (bios_failed(&r))
		return ANSWER_END;
	*next = r.ebx;
	return r.eax == SMAP && r.ecx >= ENTRY_LEAST ? ANSWER_ENTRY : ANSWER_NONSENSE;
}

/* False when the BIOS does not know the call, or loses its way in the middle of it: half a list is worth nothing. */
static bool ask_e820(struct raw_memory *raw)
{
	/* One place for all answers: BIOSes are known that write only what differs from the last one (Linux says so).
	 */
	static struct place place;
	const struct boot_raw_range *entry = &place.range;
	uint32_t next = 0, repeats = 0;
	do {
		enum answer answer = ask_entry(&place, &next);
		if (answer == ANSWER_NONSENSE)
			return false;
		if (answer == ANSWER_END) /* some end the list this way */
			break;
		if (is_listed(raw, entry)) {
			repeats++;
		} else if (raw->count == MEMORY_RAW_MAX) {
			console_print(CONSOLE_NOTE,
			        "The firmware's memory map has more than %u ranges; the rest is not used\n",
			        MEMORY_RAW_MAX);
			break;
		} else {
			raw->range[raw->count++] = *entry;
		}
	} while (next != 0 && repeats < REPEATS_MOST);
	if (repeats)
		console_print(CONSOLE_NOTE, "The firmware's memory map repeats itself%s\n",
		        repeats == REPEATS_MOST ? " without end; each range is used once" : "");
	return raw->count > 0;
}

/* Linux ignores attributes, because BIOSes in the field call every range one to ignore. */
static void doubt_attributes(struct raw_memory *raw)
{
	for (uint32_t i = 0; i < raw->count; i++)
		if (raw->range[i].attributes & MEMORY_ATTRIBUTE_VALID)
			return;
	console_print(CONSOLE_NOTE, "The firmware wants all its memory ignored; that is not believed\n");
	for (uint32_t i = 0; i < raw->count; i++)
		raw->range[i].attributes = MEMORY_ATTRIBUTE_VALID;
}

static bool ask_e801(struct raw_memory *raw)
{
	struct bios_registers r = {.eax = 0xe801};
	bios_call(0x15, &r);
	if (bios_failed(&r))
		return false;
	/* KiB from 1 to 16 MiB, and 64 KiB pieces above it; some BIOSes answer in ax and bx, others in cx and dx. */
	uint32_t below = r.ecx & 0xffff ? r.ecx & 0xffff : r.eax & 0xffff;
	uint32_t above = r.ecx & 0xffff ? r.edx & 0xffff : r.ebx & 0xffff;
	if (below == 0 || below > 15 * KIB)
		return false;
	raw_memory_add(raw, MIB, (uint64_t)below * KIB, BOOT_MEMORY_USABLE);
	if (above)
		raw_memory_add(raw, 16 * MIB, (uint64_t)above * 64 * KIB, BOOT_MEMORY_USABLE);
	return true;
}

static bool ask_88(struct raw_memory *raw)
{
	struct bios_registers r = {.eax = 0x8800};
	bios_call(0x15, &r);
	if (bios_failed(&r) || (r.eax & 0xffff) == 0)
		return false;
	raw_memory_add(raw, MIB, (uint64_t)(r.eax & 0xffff) * KIB, BOOT_MEMORY_USABLE);
	return true;
}

uint32_t raw_memory_low_end(void)
{
	struct bios_registers r = {0};
	bios_call(0x12, &r);
	uint32_t end = (r.eax & 0xffff) * KIB;
	uint32_t ebda = low_read16(BIOS_DATA_EBDA) << 4;
	if (ebda >= LOW_LEAST && ebda < end)
		end = ebda;
	return end >= LOW_LEAST && end <= LOW_END ? end : LOW_LEAST;
}

enum boot_memory_source raw_memory_ask(struct raw_memory *raw)
{
	raw->count = 0;
	if (ask_e820(raw)) {
		doubt_attributes(raw);
		return BOOT_MEMORY_FROM_E820;
	}
	raw->count = 0;
	bool e801 = ask_e801(raw);
	if (!e801 && !ask_88(raw))
		return 0;
	raw_memory_add(raw, 0, raw_memory_low_end(), BOOT_MEMORY_USABLE);
	return e801 ? BOOT_MEMORY_FROM_E801 : BOOT_MEMORY_FROM_88;
}
