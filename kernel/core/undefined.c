/*
 * Where the checks of `make SANITIZE=undefined` lead: one function for each way in which C can be undefined, called by
 * the compiler with a description that begins with the place in the source. Other builds call none, so the linker
 * leaves this file out.
 */
#include <stdint.h>

#include "core/panic.h"

/* As gcc and clang lay it out; what follows it differs from check to check. */
struct check {
	const char *file;
	uint32_t line, column;
};

#define CHECK(name, sentence)                                                                                          \
	_Noreturn void __ubsan_handle_##name(const struct check *check);                                               \
	void __ubsan_handle_##name(const struct check *check)                                                          \
	{                                                                                                              \
		panic("Undefined behaviour at %s:%u:%u: " sentence ".", check->file, check->line, check->column);      \
	}

CHECK(add_overflow, "a signed sum is too large for its type")
CHECK(sub_overflow, "a signed difference is too large for its type")
CHECK(mul_overflow, "a signed product is too large for its type")
CHECK(negate_overflow, "the negative of a number is too large for its type")
CHECK(divrem_overflow, "a division by zero, or a quotient too large for its type")
CHECK(shift_out_of_bounds, "a shift by a negative number or by too many bits, or of a sign bit")
CHECK(out_of_bounds, "an index outside its array")
CHECK(load_invalid_value, "a bool or enum that holds no value of its type")
CHECK(pointer_overflow, "pointer arithmetic that runs around the end of memory")
CHECK(builtin_unreachable, "code was reached that was declared unreachable")
CHECK(vla_bound_not_positive, "an array of variable length has none")
CHECK(nonnull_arg, "a null pointer as an argument that must not be one")
CHECK(nonnull_return_v1, "a null pointer as a result that must not be one")
CHECK(invalid_builtin, "a bit is looked for in a zero")
CHECK(alignment_assumption, "a pointer has not the alignment it was said to have")

/* The most frequent one tells which address; null, wrongly aligned, or too small an object. */
_Noreturn void __ubsan_handle_type_mismatch_v1(const struct check *check, uint64_t address);
void __ubsan_handle_type_mismatch_v1(const struct check *check, uint64_t address)
{
	panic("Undefined behaviour at %s:%u:%u: %016lx is no address of an object of that type.", check->file,
	        check->line, check->column, address);
}
