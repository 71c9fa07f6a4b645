/*
 * The lines about the CPU.
 */
#ifndef CORE_CPU_REPORT_H
#define CORE_CPU_REPORT_H

/* [init] Prints the CPU's brand, version and the features that matter here. */
void cpu_report_print(void);

#endif
