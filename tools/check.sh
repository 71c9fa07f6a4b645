#!/bin/sh
# check.sh: everything `make check` proves without starting the system. One line for each check; what a failed one said
# follows it. A check whose tool is missing is NOT RUN, which is said and counted, but is no failure.
#
# BUILD names the folder for what is built (build); the builds with gcc and clang go into folders of their own below it.
set -u
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL CC
BUILD=${BUILD:-build}
PATH=$PWD/build/toolchain/bin:$PATH
CROSS=x86_64-elf-gcc
PYTHON=${PYTHON:-python3}
JOBS=$(getconf _NPROCESSORS_ONLN)
NOT_RUN=77 # the status by which a check says that it could not

needs() { # needs COMMAND
	command -v "$1" >/dev/null 2>&1 && return
	how="sh tools/setup.sh installs it"
	[ "$1" != $CROSS ] || how="make toolchain builds it"
	echo "$1 is not here ($how)"
	exit $NOT_RUN
}

sources() { find boot include kernel tools tests -name '*.[ch]' | LC_ALL=C sort; }

check_format() {
	needs clang-format
	sources | xargs clang-format --dry-run -Werror || {
		echo "to mend it: clang-format -i FILE (the format is that of clang-format 14; this is $(clang-format --version))"
		exit 1
	}
}

# Tests do wrong things on purpose, so they are left out. Of _Noreturn cppcheck knows only the old spelling.
check_cppcheck() {
	needs cppcheck
	cppcheck --quiet -j "$JOBS" --std=c11 --platform=unix64 --enable=warning,portability --inline-suppr \
		--suppressions-list=tools/cppcheck.suppressions --error-exitcode=1 \
		'-D_Noreturn=__attribute__((noreturn))' -Iinclude -Ikernel -Ikernel/arch/x86_64 -Iboot/stage2 \
		boot include kernel tools
}

check_build() { # check_build COMPILER: everything, without a word of warning from the compiler or the linker
	needs "$1"
	[ "$1" != clang ] || needs ld.lld
	hostcc=$1
	[ "$1" != $CROSS ] || hostcc=cc
	warnings=$(make -s -j "$JOBS" BUILD="$BUILD/check-$1" CC="$1" HOSTCC="$hostcc" WERROR=1 all 2>&1 >/dev/null) && [ -z "$warnings" ] || {
		printf '%s\n' "$warnings"
		exit 1
	}
}

built() { # the folders that the builds above made
	for compiler in gcc clang $CROSS; do
		[ ! -e "$BUILD/check-$compiler/kernel.elf" ] || echo "$BUILD/check-$compiler"
	done
}

check_layers() {
	needs "$PYTHON"
	# shellcheck disable=SC2046 # one word for each folder
	"$PYTHON" tools/check_layers $(built)
}

check_code() { # check_code COMPILER
	needs "$PYTHON"
	needs "$1"
	"$PYTHON" tools/check_code "$BUILD/check-$1"
}

check_async() {
	needs "$PYTHON"
	"$PYTHON" tools/check_async
}

check_docs() {
	needs "$PYTHON"
	"$PYTHON" tools/check_docs
}

check_errors() {
	needs "$PYTHON"
	"$PYTHON" tools/check_errors
}

check_locks() {
	needs "$PYTHON"
	"$PYTHON" tools/check_locks
}

check_boot_protocol() {
	needs "$PYTHON"
	needs cc
	"$PYTHON" tools/check_boot_protocol
}

ok=0 failed=0 not_run=0

results=$(mktemp -d) || exit 1
trap 'rm -rf "$results"' EXIT

# start ID FUNCTION [ARGUMENT]: checks that only read, each on one CPU, are started together.
start() {
	id=$1
	shift
	{
		("$@") >"$results/$id.output" 2>&1
		echo $? >"$results/$id.status"
	} &
}

finish() { # finish ID: what a check that was started, and waited for, has said
	cat "$results/$1.output"
	return "$(cat "$results/$1.status")"
}

run() { # run NAME FUNCTION [ARGUMENT]
	name=$1
	shift
	output=$("$@" 2>&1)
	case $? in
	0)
		ok=$((ok + 1))
		printf 'ok       %-32s %s\n' "$name" "$(printf '%s\n' "$output" | tail -n 1)"
		;;
	$NOT_RUN)
		not_run=$((not_run + 1))
		printf 'NOT RUN: %-32s %s\n' "$name" "$output"
		;;
	*)
		failed=$((failed + 1))
		printf 'FAILED   %s\n%s\n' "$name" "$output"
		;;
	esac
}

run "format" check_format
run "cppcheck" check_cppcheck
run "no warning with gcc" check_build gcc
run "no warning with clang" check_build clang
run "no warning with $CROSS" check_build $CROSS

start layers check_layers
start async check_async
start code-gcc check_code gcc
start code-clang check_code clang
start code-$CROSS check_code $CROSS
start docs check_docs
start errors check_errors
start boot-protocol check_boot_protocol
start locks check_locks
wait
run "calls go down" finish layers
run "functions that wait" finish async
run "machine code of gcc" finish code-gcc
run "machine code of clang" finish code-clang
run "machine code of $CROSS" finish code-$CROSS
run "names in the documents" finish docs
run "a page for each error code" finish errors
run "offsets in the boot protocol" finish boot-protocol
run "ranks of locks in the documents" finish locks

echo "check: $ok ok, $failed failed, $not_run not run"
[ $failed = 0 ]
