/*
 * Figures taken inside the kernel: BENCH(name) { ... return cost; } enters itself in the list, and the word `bench` on
 * the command line prints `bench NAME COST instructions` for each. Under `qemu -icount shift=0` a tick of the
 * time-stamp counter is one instruction (tests/bench/guest.py runs it so); elsewhere it is just a tick. BENCH_IN(name,
 * "KiB") is for figures in another unit.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdint.h>

#include "boot/boot_info.h"
#include "cpu.h"
#include "linker.h"

struct kernel_bench {
	const char *name;
	const char *unit;
	uint64_t (*run)(const struct boot_info *info);
};

LINKER_TABLE(struct kernel_bench, benches);

#define BENCH(bench) BENCH_IN(bench, "instructions")
#define BENCH_IN(bench, unit)                                                                                          \
	static uint64_t kernel_bench_##bench(const struct boot_info *info);                                            \
	static const struct kernel_bench kernel_bench_entry_##bench __attribute__((                                    \
	        used, section(".kernel_benches." #bench), aligned(8))) = {#bench, unit, kernel_bench_##bench};         \
	static uint64_t kernel_bench_##bench(const struct boot_info *info __attribute__((unused)))

/* What a statement costs between two looks at the counter, less what the looks cost by themselves. A call counts with
 * its CALL and what it needs for its arguments. */
#define BENCH_COST(statement)                                                                                          \
	({                                                                                                             \
		uint64_t start_ = cpu_read_tsc(), middle_ = cpu_read_tsc(), end_;                                      \
		statement;                                                                                             \
		end_ = cpu_read_tsc();                                                                                 \
		(end_ - middle_) - (middle_ - start_);                                                                 \
	})

#endif
