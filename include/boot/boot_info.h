/*
 * The contract from loader to kernel. docs/boot-protocol.md has all of it, and each field by its offset.
 *
 * Stage 2 enters the kernel in 64-bit mode with RDI = the virtual address of a struct boot_info. Rules:
 *  - Fields are only ever added at the end. A kernel reads `size` before it touches a field newer than its own header.
 *  - Every address is physical unless its name ends in `_virtual`. A physical address of RAM is reached at
 *    direct_map_virtual + address. Zero means "there is none".
 *  - Everything pointed to lies in memory of type BOOT_MEMORY_LOADER and stays valid until the kernel uses that memory
 *    for something else.
 *
 * State at entry (what the kernel may rely on):
 *  - CPL 0, long mode, CR0.WP and CR0.PE/PG set; EFER.NXE set where the CPU has it, and so CR4.MCE, SMEP, SMAP and
 *    UMIP; nothing else in CR4 but PAE; IF = 0, DF = 0, AC = 0.
 *  - RSP is the top of kernel.stack (16-byte aligned, minus 8 as after a call); an unmapped page lies below the stack.
 *  - The GDT has flat 64-bit code at selector 08h and data at 10h. TR holds a TSS by whose interrupt stacks the IDT is
 *    entered: until the kernel loads an IDT of its own, a fault is error 05 and, in the end, a reset, whatever RSP and
 *    the segments hold, and NMIs are counted in notes.nmis.
 *  - These tables, and the page that entered long mode, lie in the page at 20000h (read-only, executable), the
 *    interrupt stacks in the one at 18000h (writable), both mapped at their own addresses. That mapping (the whole of
 *    top-level entry 0) belongs to the loader: load descriptor tables of your own, then clear it, but for what the
 *    kernel has there itself.
 *  - Mapped: all RAM of the memory map at direct_map_virtual (no-execute; writable, but for info_base, info_size, which
 *    the kernel only reads), the kernel's segments with their own rights, the stack, the text screen or framebuffer.
 *    For the latter entry 1 of the CPU's PAT, which nothing else uses, is write-combining. Where the CPU has NX nothing
 *    is writable and executable.
 *  - A kernel that can be moved (with a PT_DYNAMIC) lies at a multiple of 2 MiB from where it is linked, in the same
 *    2 GiB, and in memory in a random slot of 2 MiB; with the word `nokaslr`, or where memory is short, in the lowest
 *    place that is free. Nothing is mapped below 64 KiB, and no kernel is linked there.
 *  - The virtual addresses ffff_8000_0000_0000 to ffff_dfff_ffff_ffff are the loader's to map, and no kernel is linked
 *    in there.
 *  - All interrupts are off at the CPU; the 8259 is as the firmware left it.
 */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include <stddef.h>
#include <stdint.h>

#define BOOT_INFO_MAGIC   0x4f464e494e524943ull /* "CIRNINFO" in memory order */
#define BOOT_INFO_VERSION 1u

/* Types of memory. 1 to 5 are the firmware's own numbers (ACPI 6.5, table 15.14); the others are given by the loader.
 */
enum boot_memory_type {
	BOOT_MEMORY_USABLE = 1,
	BOOT_MEMORY_RESERVED = 2,    /* also every type the loader does not know */
	BOOT_MEMORY_ACPI_TABLES = 3, /* usable once the kernel has read the tables */
	BOOT_MEMORY_ACPI_NVS = 4,    /* never touch */
	BOOT_MEMORY_BAD = 5,
	BOOT_MEMORY_LOADER = 0x1000, /* boot_info, page tables, stack: usable once the kernel has its own */
	BOOT_MEMORY_KERNEL = 0x1001, /* the kernel image */
	BOOT_MEMORY_MODULE = 0x1002,
	BOOT_MEMORY_BLACK_BOX = 0x1003, /* survives a warm reset; see black_box */
	BOOT_MEMORY_SMP = 0x1004,       /* two frames below 1 MiB for starting other CPUs */
};

/* One range of the cleaned map: sorted, disjoint, adjacent ranges of a type merged, RAM types page-aligned. */
struct boot_memory_range {
	uint64_t base;
	uint64_t size; /* bytes, never 0 */
	uint32_t type; /* enum boot_memory_type */
	uint32_t reserved;
};

/* One range exactly as the firmware gave it, in its order; what it repeated is left out. */
struct boot_raw_range {
	uint64_t base;
	uint64_t size;
	uint32_t type;
	uint32_t attributes; /* ACPI 3 extended attributes; 1 where the firmware gave none, or none that make sense */
};

enum boot_memory_source { BOOT_MEMORY_FROM_E820 = 1, BOOT_MEMORY_FROM_E801 = 2, BOOT_MEMORY_FROM_88 = 3 };

enum boot_disk_access { BOOT_DISK_EDD = 1, BOOT_DISK_CHS = 2 };

enum boot_a20_method {
	BOOT_A20_WAS_ON = 1,
	BOOT_A20_BIOS = 2,     /* INT 15h AX=2401h */
	BOOT_A20_FAST = 3,     /* port 92h */
	BOOT_A20_KEYBOARD = 4, /* 8042 */
};

enum boot_seed_source {
	BOOT_SEED_RDRAND = 1,
	BOOT_SEED_TSC = 2,
	BOOT_SEED_RTC = 4,
	BOOT_SEED_PIT = 8,
	BOOT_SEED_RDSEED = 16,
};

struct boot_kernel {
	uint64_t physical; /* of the lowest byte of the image; the image is one run of `size` bytes if it was relocated
	                    */
	uint64_t base_virtual; /* of the same byte, slide included */
	uint64_t size;         /* bytes from the lowest to the highest address of any segment */
	uint64_t slide;        /* what was added to every address of the file; 0 for a fixed (ET_EXEC) kernel */
	uint64_t entry_virtual;
	uint64_t stack_virtual; /* of the lowest byte of the stack; the page below is not mapped */
	uint64_t stack_size;
	uint64_t page_table; /* what CR3 holds */
};

struct boot_drive {
	uint8_t bios_number;    /* DL */
	uint8_t access;         /* enum boot_disk_access */
	uint8_t kernel_slot;    /* 0 = A, 1 = B */
	uint8_t stage2_copy;    /* which copy stage 1 started: 0 = A, 1 = B */
	uint32_t signature;     /* disk signature at offset 1B8h of the boot sector */
	uint64_t header_lba;    /* of the image header that was used, in 512-byte units */
	uint32_t block_size;    /* bytes per block of the BIOS's disk: 512, 1024, 2048 or 4096 */
	uint8_t preferred_slot; /* the slot whose kernel should be used: 0 = A, 1 = B */
	uint8_t header_copy;    /* which copy of the image header was used: 0 = A, 1 = B */
	uint16_t reserved;
};

struct boot_module {
	uint64_t base;
	uint64_t size;
	char name[32]; /* ends in a zero byte */
};

struct boot_framebuffer {
	uint64_t base; /* 0: none, the text screen is in use */
	uint64_t base_virtual;
	uint32_t width, height, pitch; /* pixels, pixels, bytes */
	uint8_t bits_per_pixel;
	uint8_t red_size, red_shift, green_size, green_shift, blue_size, blue_shift;
	uint8_t reserved[5];
};

struct boot_text_screen {
	uint64_t base; /* 0: no text screen (no VGA, or a framebuffer) */
	uint64_t base_virtual;
	uint16_t columns, rows;
	uint16_t cursor_column, cursor_row; /* where the loader stopped writing */
};

/* A moment: the time-stamp counter, and PIT channel 0's count latched at the same time. */
struct boot_stamp {
	uint64_t tsc;
	uint16_t pit_count;
	uint8_t pit_status; /* read-back status byte: mode in bits 1-3 (in mode 3 the count falls by 2) */
	uint8_t event;      /* enum boot_event */
	uint32_t reserved;
};

enum boot_event {
	BOOT_EVENT_STAGE2 = 1,    /* stage 2's C code began */
	BOOT_EVENT_LOADED = 2,    /* stage 2 is whole */
	BOOT_EVENT_MEMORY = 3,    /* A20 and the memory map are done */
	BOOT_EVENT_KERNEL = 4,    /* kernel and modules are in memory */
	BOOT_EVENT_HAND_OVER = 5, /* the last thing before the kernel's entry */
	BOOT_EVENT_HEADER = 6,    /* the disk can be read, the image header is there */
};
#define BOOT_STAMP_COUNT 8

/* How long a step of the loader took. Those that did not happen are not listed. */
#define BOOT_STEP_NAME_MAX 24
struct boot_step {
	uint64_t ticks;                /* of the time-stamp counter */
	char name[BOOT_STEP_NAME_MAX]; /* for people; ends in a zero byte */
};

/* What is not in the boot sector as mkimage wrote it; or-ed. */
enum boot_mbr_note {
	BOOT_MBR_DISK_DAMAGED = 1,   /* on the disk */
	BOOT_MBR_MEMORY_CHANGED = 2, /* in memory, where it ran */
};

/* What was odd on the way. All zero but the first three on a healthy machine. */
struct boot_notes {
	uint8_t a20_method;    /* enum boot_a20_method */
	uint8_t memory_source; /* enum boot_memory_source */
	uint8_t rtc_valid;
	uint8_t stage1_error;     /* stage 1's first failure: code, 0 if none */
	uint8_t stage1_status;    /* and the INT 13h status of it */
	uint8_t last_disk_status; /* INT 13h status of the last failed read */
	uint16_t read_retries;    /* reads that had to be repeated */
	uint16_t blocks_from_other_slot;
	uint16_t crc_errors;
	uint16_t nmis;    /* non-maskable interrupts that came while the loader ran, but for those in a BIOS call */
	uint8_t mbr_note; /* enum boot_mbr_note */
	uint8_t cut_off;  /* the disk ends before the second copies of stage 2 and kernel do */
};

struct boot_info {
	uint64_t magic;
	uint32_t version;
	uint32_t size; /* bytes of this struct as the loader knows it */

	uint64_t direct_map_virtual;

	uint64_t memory_map; /* struct boot_memory_range[] */
	uint32_t memory_map_count;
	uint32_t raw_map_count;
	uint64_t raw_map; /* struct boot_raw_range[] */

	uint64_t command_line;        /* ends in a zero byte */
	uint32_t command_line_length; /* without it */
	uint32_t module_count;
	uint64_t modules; /* struct boot_module[] */

	uint64_t rsdp; /* ACPI root pointer */
	uint64_t font; /* the VGA ROM's 8x16 font, 256 glyphs of 16 bytes */
	uint64_t log;  /* what the loader said, as text */
	uint32_t log_length;
	uint32_t seed_sources; /* enum boot_seed_source, or-ed */
	uint8_t seed[32];

	struct boot_kernel kernel;
	struct boot_drive drive;
	struct boot_framebuffer framebuffer;
	struct boot_text_screen text_screen;
	struct boot_notes notes;

	uint32_t stamp_count;
	uint32_t reserved;
	struct boot_stamp stamps[BOOT_STAMP_COUNT];

	uint64_t smp_frames; /* two frames below 1 MiB, 4 KiB-aligned, or 0 */
	uint64_t black_box;  /* the same address on every boot */
	uint64_t black_box_size;

	uint64_t info_base; /* this struct and all it points at, but for the firmware's tables, lie in here */
	uint64_t info_size;

	uint64_t steps; /* struct boot_step[]: together all that passed from stamps[0] to the kernel's entry */
	uint32_t step_count;
	uint32_t reserved_2;
};

/* Stage 2 is 32-bit code, the kernel 64-bit: these hold in both, so the layouts are the same. */
_Static_assert(sizeof(struct boot_memory_range) == 24, "memory range");
_Static_assert(sizeof(struct boot_raw_range) == 24, "raw range");
_Static_assert(sizeof(struct boot_kernel) == 64, "kernel");
_Static_assert(sizeof(struct boot_drive) == 24, "drive");
_Static_assert(sizeof(struct boot_module) == 48, "module");
_Static_assert(sizeof(struct boot_framebuffer) == 40, "framebuffer");
_Static_assert(sizeof(struct boot_text_screen) == 24, "text screen");
_Static_assert(sizeof(struct boot_notes) == 16, "notes");
_Static_assert(sizeof(struct boot_stamp) == 16, "stamp");
_Static_assert(sizeof(struct boot_step) == 32, "step");
_Static_assert(offsetof(struct boot_info, kernel) == 136, "the first half of boot_info");
_Static_assert(offsetof(struct boot_info, stamps) == 312, "the second half of boot_info");
_Static_assert(sizeof(struct boot_info) == 496, "boot_info"); /* grows when fields are added at its end */

#endif
