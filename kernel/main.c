/*
 * The start of the kernel, in order. Stage 2 comes here with the state that include/boot/boot_info.h describes.
 */
#include "boot/boot_info.h"

#include "bus/acpi.h"
#include "bus/interrupts.h"
#include "bus/pci.h"
#include "core/boot_word.h"
#include "core/cpu_report.h"
#include "core/fault.h"
#include "core/hand_over.h"
#include "core/lines.h"
#include "core/log.h"
#include "core/random.h"
#include "core/stack_protector.h"
#include "cpu.h"
#include "dev/driver.h"
#include "drivers/framebuffer.h"
#include "drivers/serial.h"
#include "drivers/vga_text.h"
#include "mm/fault_stacks.h"
#include "mm/address_sanitizer.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/heap_demo.h"
#include "mm/kernel_map.h"
#include "mm/memory_map.h"
#include "mm/memory_places.h"
#include "mm/region.h"
#include "monitor/monitor.h"
#include "paging.h"
#include "percpu.h"
#include "pic.h"
#include "protection.h"
#include "task/executor.h"
#include "time/boot_time.h"
#include "time/time.h"
#include "tty/console.h"
#include "tty/echo.h"

_Noreturn void kernel_main(const struct boot_info *info);

_Noreturn void kernel_main(const struct boot_info *info)
{
	hand_over_check_place();            /* while the loader still answers for exceptions */
	percpu_start_boot_cpu();            /* what this CPU has of its own is found by GS */
	serial_start();                     /* a way to say what goes wrong */
	hand_over_check(info);              /* nothing of boot_info is used before this */
	random_start(info->seed);           /* numbers that nobody can guess */
	stack_protector_start();            /* the first of them: before most of the code runs */
	vga_text_start(&info->text_screen); /* a display, if there is one */
	framebuffer_start(info);            /* or another, if the command line asked for it */
	console_start(info);                /* and from here on people see it, too */
	fault_start(info);                  /* our own descriptor tables: from here on faults explain themselves */
	protection_start();                 /* what the kernel may not do is known from here on */
	paging_start(info);                 /* the loader's GDT is out of use: its identity mapping can go */
	memory_map_check(info);             /* all memory management stands on it */
	frames_start(info);                 /* from here on there is memory, by the frame */
	kernel_map_start(info);             /* page tables of our own */
	region_start();                     /* and room in them, with guard pages */
	fault_stacks_start();               /* the first to need it: a fault on a bad stack finds a good one */
	memory_places_start(info);          /* reports know what an address is */
	lines_start(info);                  /* and, if the image has them, the lines of the source */
	address_sanitizer_start(info);      /* with SANITIZE=address: every access is looked at */
	frames_reclaim(info);               /* what only the loader needed is free */
	heap_start();                       /* memory by the byte */
	console_start_memory();             /* for all of a large screen, and for lines scrolled out */
	executor_start();                   /* from here on there can be tasks, which run when all this is done */
	pic_start();                        /* no line may arrive as an exception */
	acpi_start(info);                   /* what the firmware says of the machine */
	driver_start_all();

	hand_over_keep_log(info);
	log_title("Cairn " CAIRN_VERSION "\n");
	log_title("Hello World!\n");
	cpu_report_print();
	memory_map_print(info);
	heap_demo_print();
	hand_over_print_notes(info);
	interrupts_start(info);        /* local and I/O APIC, or the 8259 */
	pci_start();                   /* which devices there are */
	time_start(info, acpi_info()); /* clocks, and one timer */
	boot_time_print(info);

	kernel_map_seal(info);   /* descriptor tables and the like stay as they are now */
	cpu_enable_interrupts(); /* every vector has its handler */
	boot_word_run_all(info); /* what the command line asks for */

	if (!echo_start(info))
		monitor_start(info); /* a person's way in */
	time_settle();               /* from here on nothing ticks */
	console_start_task();        /* who draws does so in his turn */
	executor_run();
}
