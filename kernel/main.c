/*
 * The start of the kernel, in order. Stage 2 comes here with the state that include/boot/boot_info.h describes.
 */
#include "boot/boot_info.h"

#include "bus/acpi.h"
#include "bus/interrupts.h"
#include "bus/pci.h"
#include "core/black_box.h"
#include "core/boot_ledger.h"
#include "core/boot_word.h"
#include "core/cross_call.h"
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
#include "smp/start.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "task/thread_stack.h"
#include "time/boot_time.h"
#include "time/time.h"
#include "tty/console.h"
#include "tty/echo.h"

_Noreturn void kernel_main(const struct boot_info *info);

static void greet(const struct boot_info *info)
{
	hand_over_keep_log(info);
	log_title("Cairn " CAIRN_VERSION "\n");
	log_title("Hello World!\n");
}

static void person_start(const struct boot_info *info)
{
	if (!echo_start(info))
		monitor_start(info);
}

_Noreturn void kernel_main(const struct boot_info *info)
{
	hand_over_check_place(); /* while the loader still answers for exceptions */
	BOOT_STEP_END("long mode");
	BOOT_STEP(percpu_start_boot_cpu());            /* what this CPU has of its own is found by GS */
	BOOT_STEP(serial_start());                     /* a way to say what goes wrong */
	BOOT_STEP(hand_over_check(info));              /* nothing of boot_info is used before this */
	BOOT_STEP(black_box_start(info));              /* what is said from here on outlives a reset */
	BOOT_STEP(random_start(info->seed));           /* numbers that nobody can guess */
	BOOT_STEP(stack_protector_start());            /* the first of them: before most of the code runs */
	BOOT_STEP(vga_text_start(&info->text_screen)); /* a display, if there is one */
	BOOT_STEP(framebuffer_start(info));            /* or another, if the command line asked for it */
	BOOT_STEP(console_start(info));                /* and from here on people see it, too */
	BOOT_STEP(fault_start(info));         /* our own descriptor tables: from here on faults explain themselves */
	BOOT_STEP(protection_start());        /* what the kernel may not do is known from here on */
	BOOT_STEP(paging_start(info));        /* the loader's GDT is out of use: its identity mapping can go */
	BOOT_STEP(memory_map_check(info));    /* all memory management stands on it */
	BOOT_STEP(frames_start(info));        /* from here on there is memory, by the frame */
	BOOT_STEP(kernel_map_start(info));    /* page tables of our own */
	BOOT_STEP(region_start());            /* and room in them, with guard pages */
	BOOT_STEP(fault_stacks_start());      /* the first to need it: a fault on a bad stack finds a good one */
	BOOT_STEP(memory_places_start(info)); /* reports know what an address is */
	BOOT_STEP(lines_start(info));         /* and, if the image has them, the lines of the source */
	BOOT_STEP(address_sanitizer_start(info)); /* with SANITIZE=address: every access is looked at */
	BOOT_STEP(frames_reclaim(info));          /* what only the loader needed is free */
	BOOT_STEP(heap_start());                  /* memory by the byte */
	BOOT_STEP(console_start_memory());        /* for all of a large screen, and for lines scrolled out */
	BOOT_STEP(scheduler_start());             /* what runs here is a thread */
	BOOT_STEP(thread_stack_start());          /* reports know of threads' stacks */
	BOOT_STEP(executor_start());              /* from here on there can be tasks, which run when all this is done */
	BOOT_STEP(black_box_name_tasks(executor_task_name));
	BOOT_STEP(pic_start());      /* no line may arrive as an exception */
	BOOT_STEP(acpi_start(info)); /* what the firmware says of the machine */
	BOOT_STEP(driver_start_all());

	BOOT_STEP(greet(info));
	BOOT_STEP(cpu_report_print());
	BOOT_STEP(memory_map_print(info));
	BOOT_STEP(heap_demo_print());
	BOOT_STEP(hand_over_print_notes(info));
	BOOT_STEP(black_box_print_ending());
	BOOT_STEP(interrupts_start(info));        /* local and I/O APIC, or the 8259 */
	BOOT_STEP(pci_start());                   /* which devices there are */
	BOOT_STEP(time_start(info, acpi_info())); /* clocks, and one timer */
	BOOT_STEP(boot_time_print(info));

	BOOT_STEP(cross_call_start());      /* other CPUs, once there are any, have a way to tell of something */
	BOOT_STEP(kernel_map_seal(info));   /* descriptor tables and the like stay as they are now */
	BOOT_STEP(cpu_enable_interrupts()); /* every vector has its handler */
	BOOT_STEP(boot_word_run_all(info)); /* what the command line asks for */

	BOOT_STEP(person_start(info));   /* a person's way in */
	BOOT_STEP(time_settle());        /* from here on nothing ticks */
	BOOT_STEP(console_start_task()); /* who draws does so in his turn */
	BOOT_STEP(smp_start(info));      /* and other CPUs come, when nobody waits for anything else */
	executor_run();
}
