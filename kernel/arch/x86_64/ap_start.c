#include "ap_start.h"

#include "cpu.h"
#include "lib/string.h"
#include "local_apic.h"

#define CPUID_EDX_NX        (1u << 20) /* of leaf 8000_0001h */
#define CPUID_EDX_LONG_MODE (1u << 29)

#define CR4_PAE        (1u << 5)
#define EFER_LONG_MODE (1u << 8)

/* What stands behind its first instruction. */
struct ap_trampoline_head {
	uint64_t jump;
	uint32_t page_table, cr0, cr4, efer;
	uint32_t needed;  /* bits of CPUID leaf 8000_0001h, EDX */
	uint32_t lacking; /* CPUs without some of them */
	uint32_t long_address;
	uint16_t long_selector;
	uint16_t segments_size;
	uint32_t segments_address;
	uint64_t entry_address;
} __attribute__((packed));

_Static_assert(offsetof(struct ap_trampoline_head, entry_address) == 44, "as in ap_trampoline.asm");

struct ap_start *ap_starts;
uint32_t ap_start_count;
bool ap_by_x2apic;

static struct ap_trampoline_head *head;
static void (*main_function)(void *context);

/* The entries of the kernel's half never change: this table may have a copy. */
static void fill_top(const struct paging_space *space)
{
	char *top = paging_direct(space->root);
	const char *kernel = paging_direct(cpu_read_cr3() & PAGE_ADDRESS);

	memset(top, 0, PAGE_SIZE / 2);
	memcpy(top + PAGE_SIZE / 2, kernel + PAGE_SIZE / 2, PAGE_SIZE / 2);
}

static void fill_head(uint64_t frame, uint64_t root)
{
	uint64_t efer = cpu_read_msr(CPU_MSR_EFER) & CPU_EFER_NXE;

	head->page_table = (uint32_t)root;
	head->cr0 = (uint32_t)cpu_read_cr0();
	head->cr4 = CR4_PAE;
	head->efer = EFER_LONG_MODE | (uint32_t)efer;
	head->needed = CPUID_EDX_LONG_MODE | (efer != 0 ? CPUID_EDX_NX : 0);
	head->long_address += (uint32_t)frame;
	head->segments_address += (uint32_t)frame;
	head->entry_address = (uint64_t)ap_entry;
}

bool ap_start_prepare(const struct paging_space *space, uint64_t frame, struct ap_start *starts, uint32_t count,
        void (*main)(void *context))
{
	fill_top(space);
	if (paging_map(space, frame, frame, PAGE_SIZE, 0) != 0)
		return false;
	head = memcpy(paging_direct(frame), ap_trampoline, (size_t)(ap_trampoline_end - ap_trampoline));
	fill_head(frame, space->root);
	ap_starts = starts;
	ap_start_count = count;
	ap_by_x2apic = local_apic_is_x2apic();
	main_function = main;
	return true;
}

uint32_t ap_start_page(void)
{
	return (uint32_t)(paging_physical(head) / PAGE_SIZE);
}

bool ap_start_has_arrived(const struct ap_start *start)
{
	return __atomic_load_n(&start->state, __ATOMIC_ACQUIRE) == AP_ARRIVED;
}

bool ap_start_give_up(struct ap_start *start)
{
	uint32_t awaited = AP_AWAITED;

	return __atomic_compare_exchange_n(
	        &start->state, &awaited, AP_GIVEN_UP, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

uint32_t ap_start_lacking(void)
{
	const volatile struct ap_trampoline_head *now = head;

	return now->lacking;
}

void ap_arrive(const struct ap_start *start)
{
	main_function(start->context);
	cpu_stop();
}
