/*
 * A sequence lock: for a value of several words that is read anywhere, an NMI's handler included, by readers who never
 * wait. There are two copies and a number. Readers take the copy that the number names, while the next value is written
 * into the other one; then the number is counted up. A reader who finds another number afterwards may have read a copy
 * that was written over meanwhile, and takes the new one. Rules:
 *  - Who writes keeps other writers out, by a lock or because there are none.
 *  - A value is a struct of words of 64 bits, and none of its pointers may lead to what goes away.
 *
 * Words are written with release and read with acquire. So who reads one that belongs to the next value but one sees
 * the number that was counted before that, too. On x86 all of these are plain MOVs.
 */
#ifndef CORE_SEQLOCK_H
#define CORE_SEQLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "core/chaos.h"

/* For a definition: static SEQLOCK(struct line) current; all zero at first. */
#define SEQLOCK(type)                                                                                                  \
	struct {                                                                                                       \
		type copies[2];                                                                                        \
		uint32_t sequence;                                                                                     \
		_Static_assert(sizeof(type) % sizeof(uint64_t) == 0, "a value of words");                              \
	}

/* Values are short: their words go through registers, not through a loop. */
#ifdef __clang__
#define SEQLOCK_UNROLL _Pragma("unroll")
#else
#define SEQLOCK_UNROLL _Pragma("GCC unroll 8")
#endif

typedef uint64_t seqlock_word __attribute__((may_alias));

static inline __attribute__((always_inline)) void seqlock_load(seqlock_word *to, const seqlock_word *from, size_t words)
{
	SEQLOCK_UNROLL
	for (size_t i = 0; i < words; i++) {
		to[i] = __atomic_load_n(&from[i], __ATOMIC_ACQUIRE);
		CHAOS();
	}
}

static inline __attribute__((always_inline)) void seqlock_store(
        seqlock_word *to, const seqlock_word *from, size_t words)
{
	SEQLOCK_UNROLL
	for (size_t i = 0; i < words; i++) {
		__atomic_store_n(&to[i], from[i], __ATOMIC_RELEASE);
		CHAOS();
	}
}

/* [irq] The value, as it was at some moment of the call. */
#define seqlock_read(its_lock)                                                                                         \
	({                                                                                                             \
		__typeof__(its_lock) lock_ = (its_lock);                                                               \
		__typeof__(lock_->copies[0]) value_;                                                                   \
		uint32_t sequence_;                                                                                    \
		do {                                                                                                   \
			sequence_ = __atomic_load_n(&lock_->sequence, __ATOMIC_ACQUIRE);                               \
			seqlock_load((seqlock_word *)&value_, (const seqlock_word *)&lock_->copies[sequence_ & 1],     \
			        sizeof(value_) / sizeof(seqlock_word));                                                \
		} while (__atomic_load_n(&lock_->sequence, __ATOMIC_RELAXED) != sequence_);                            \
		value_;                                                                                                \
	})

/* [irq] From now on the value is `*its_value`. */
#define seqlock_write(its_lock, its_value)                                                                             \
	({                                                                                                             \
		__typeof__(its_lock) lock_ = (its_lock);                                                               \
		const __typeof__(lock_->copies[0]) *value_ = (its_value);                                              \
		uint32_t next_ = lock_->sequence + 1;                                                                  \
		seqlock_store((seqlock_word *)&lock_->copies[next_ & 1], (const seqlock_word *)value_,                 \
		        sizeof(*value_) / sizeof(seqlock_word));                                                       \
		__atomic_store_n(&lock_->sequence, next_, __ATOMIC_RELEASE);                                           \
	})

#endif
