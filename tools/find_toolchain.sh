#!/bin/sh
# find_toolchain.sh [COMPILER]: says, as lines for make, with which tools the code for the bare machine is built.
#
# Order: x86_64-elf-gcc under build/toolchain or on PATH; the host's gcc where it makes x86-64 ELF; x86_64-linux-gnu-gcc;
# clang with lld. COMPILER (make CC=...) overrules the order. Exit status 1 and a sentence if there is none.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
PATH=$here/build/toolchain/bin:$PATH

die() { echo "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
is_clang() { "$1" --version 2>/dev/null | grep -qi clang; }

have "${NASM:-nasm}" || die "nasm is not here: sh tools/setup.sh installs what is needed"

first_of() { # the path of the first of these commands there is, or nothing
	for name; do
		have "$name" && command -v "$name" && return
	done
}

makes_elf64() { # is this a gcc for x86-64 ELF?
	have "$1" || return 1
	is_clang "$1" && return 1
	case $("$1" -dumpmachine 2>/dev/null) in
	x86_64-*linux* | x86_64-*elf | x86_64-*bsd*) return 0 ;;
	esac
	return 1
}

tool() { # tool NAME COMMANDS...: one line for make
	name=$1
	shift
	path=$(first_of "$@")
	[ -n "$path" ] || die "$compiler needs $1 as well, which is not on PATH"
	lines="$lines
TARGET_$name := $path"
}

use_gcc() { # use_gcc KIND PREFIX: $compiler with the binutils of that prefix
	lines="TARGET_KIND := $1"
	tool CC "$compiler"
	for name in ld objcopy nm objdump readelf; do
		tool "$(echo $name | tr a-z A-Z)" "$2$name"
	done
	echo "$lines"
	exit 0
}

use_clang() { # clang drives itself to the target; lld and the LLVM or GNU tools of the same version do the rest
	suffix=$(basename "$compiler" | sed 's/^clang//')
	lines="TARGET_KIND := clang"
	tool CC "$compiler"
	tool LD "ld.lld$suffix" ld.lld
	for name in objcopy nm objdump readelf; do
		tool "$(echo $name | tr a-z A-Z)" "llvm-$name$suffix" "llvm-$name" "$name"
	done
	echo "$lines"
	exit 0
}

if [ -n "${1:-}" ]; then
	compiler=$1
	have "$compiler" || die "no compiler named $compiler on PATH"
	is_clang "$compiler" && use_clang
	makes_elf64 "$compiler" || die "$compiler does not make x86-64 ELF code"
	case $(basename "$compiler") in
	x86_64-elf-*) use_gcc cross x86_64-elf- ;;
	x86_64-linux-gnu-*) use_gcc cross x86_64-linux-gnu- ;;
	esac
	use_gcc host ""
fi

compiler=x86_64-elf-gcc
makes_elf64 $compiler && use_gcc cross x86_64-elf-
compiler=gcc
makes_elf64 $compiler && use_gcc host ""
compiler=x86_64-linux-gnu-gcc
makes_elf64 $compiler && use_gcc cross x86_64-linux-gnu-
compiler=clang
have $compiler && use_clang
die "no compiler for x86-64 ELF found: sh tools/setup.sh installs one, make toolchain builds one (docs/toolchain.md)"
