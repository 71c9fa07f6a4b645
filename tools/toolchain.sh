#!/bin/sh
# toolchain.sh [DIRECTORY]: builds binutils and gcc (C only) for x86_64-elf into DIRECTORY, build/toolchain if none is named.
#
# The sources are the distribution's own where there is apt (packages binutils-source and gcc-N-source, the newest N; apt
# checks their signatures), otherwise the GNU releases named below, pinned by SHA-256. Every step leaves a mark when it is
# done, so a build that was broken off goes on where it stood. Nothing is put where the Makefile looks before all is built.
# JOBS=N runs N compilers at a time (default: one per CPU).
set -eu

BINUTILS_URL=https://ftp.gnu.org/gnu/binutils/binutils-2.43.1.tar.xz
BINUTILS_SHA256=13f74202a3c4c51118b797a39ea4200d3f6cfbe224da6d1d95bb938480132dfd
GCC_URL=https://ftp.gnu.org/gnu/gcc/gcc-14.2.0/gcc-14.2.0.tar.xz
GCC_SHA256=a7b39bc69cbf9e25826c5a60ab26477001f7c08d85cec04bc0e29cabed6f3cc9
TARGET=x86_64-elf
DISK_NEEDED_MB=1800

unset MAKEFLAGS MFLAGS MAKELEVEL CC CFLAGS CXXFLAGS LDFLAGS # what the calling make or shell has is not meant for these builds
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:-$here/build/toolchain}"
prefix=$(cd "${1:-$here/build/toolchain}" && pwd)
work=$prefix/making
stage=$work/stage$prefix
log=$work/log
JOBS=${JOBS:-$(getconf _NPROCESSORS_ONLN)}
STEPS=9

# Makeinfo would only be used for manuals.
run_make() { make -j"$JOBS" MAKEINFO=true "$@"; }

fetch_release() { # fetch_release URL SHA256
	file=$work/sources/${1##*/}
	[ -e "$file" ] || {
		if command -v curl >/dev/null; then curl -fL -o "$file.part" "$1"; else wget -O "$file.part" "$1"; fi
		mv "$file.part" "$file"
	}
	sum=$({ sha256sum "$file" 2>/dev/null || shasum -a 256 "$file"; } | cut -d' ' -f1)
	[ "$sum" = "$2" ] || {
		rm -f "$file"
		echo "$1 has SHA-256 $sum, not $2 as it should: not used"
		return 1
	}
}

fetch_packages() {
	gcc_package=$(apt-cache search --names-only '^gcc-[0-9]+-source$' | cut -d' ' -f1 | sort -V | tail -n 1)
	[ -n "$gcc_package" ] || { echo "apt knows no gcc-N-source package"; return 1; }
	rm -rf ./*
	apt-get download binutils-source "$gcc_package"
	for package in ./*.deb; do dpkg-deb -x "$package" packages; done
	mv packages/usr/src/binutils/binutils-*.tar.* packages/usr/src/gcc-*/gcc-[0-9]*.tar.* .
	rm -rf packages ./*.deb
}

fetch() {
	mkdir -p "$work/sources"
	cd "$work/sources"
	if command -v apt-get >/dev/null; then
		fetch_packages
	else
		fetch_release "$BINUTILS_URL" "$BINUTILS_SHA256"
		fetch_release "$GCC_URL" "$GCC_SHA256"
	fi
}

unpack() {
	for name in binutils gcc; do
		rm -rf "$work/$name"
		mkdir "$work/$name" "$work/$name/source"
		tar -xf "$work/sources/$name"-*.tar.* --no-same-owner --strip-components=1 --exclude='gcc-*/gcc/testsuite/g*' \
			-C "$work/$name/source"
	done
}

configure_in() { # configure_in NAME OPTIONS...
	rm -rf "$work/$1/objects"
	mkdir "$work/$1/objects"
	cd "$work/$1/objects"
	shift
	../source/configure --target=$TARGET --prefix="$prefix" --disable-nls --without-zstd MAKEINFO=true CFLAGS=-O2 CXXFLAGS=-O2 "$@"
}

configure_binutils() {
	configure_in binutils --disable-werror --disable-gdb --disable-gprof --disable-gprofng --disable-gold \
		--enable-deterministic-archives
}

build_binutils() {
	cd "$work/binutils/objects"
	run_make all-binutils all-gas all-ld
	run_make install-strip-binutils install-strip-gas install-strip-ld DESTDIR="$work/stage"
}

configure_gcc() {
	homebrew=
	if command -v brew >/dev/null; then
		homebrew="--with-gmp=$(brew --prefix gmp) --with-mpfr=$(brew --prefix mpfr) --with-mpc=$(brew --prefix libmpc)"
	fi
	# shellcheck disable=SC2086 # the options are words of their own
	configure_in gcc --enable-languages=c --without-headers --with-newlib --disable-multilib --disable-shared --disable-threads \
		--disable-lto --disable-plugin --disable-libssp --disable-libquadmath --disable-libgomp --without-isl $homebrew
}

build_gcc() {
	cd "$work/gcc/objects"
	run_make configure-gcc all-libcpp all-build-libiberty
	# The step s-tm-texi compares a chapter of the manual with the sources; the distribution's tarball has no manual.
	run_make -C gcc build/genhooks
	touch gcc/s-tm-texi
	run_make all-gcc
}

build_libgcc() {
	cd "$work/gcc/objects"
	run_make all-target-libgcc
}

check() { # check BIN: does it compile and link for both of the widths the system needs?
	echo 'int answer(void); int answer(void) { return 42; }' > "$work/check.c"
	for bits in 32 64; do
		"$1/$TARGET-gcc" -m$bits -ffreestanding -O2 -c -o "$work/check.o" "$work/check.c"
		emulation=elf_x86_64
		[ $bits = 64 ] || emulation=elf_i386
		"$1/$TARGET-ld" -m $emulation -e answer -o "$work/check.elf" "$work/check.o"
		"$1/$TARGET-readelf" -h "$work/check.elf" | grep "ELF$bits"
	done
}

stage_gcc() {
	cd "$work/gcc/objects"
	run_make install-strip-gcc install-target-libgcc DESTDIR="$work/stage"
	rm -rf "$stage/share"
	check "$stage/bin"
}

put_in_place() { # the commands come last: with them it counts as installed
	for part in $TARGET include lib libexec bin; do
		[ -e "$stage/$part" ] || continue
		rm -rf "${prefix:?}/$part"
		mv "$stage/$part" "$prefix/$part"
	done
	check "$prefix/bin"
	rm -rf "$work/sources" "$work/binutils" "$work/gcc" "$work/stage" "$work"/check.*
}

minutes() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

clock() { # on a terminal the time runs on while a step works
	while sleep 1; do
		now=$(date +%s)
		printf '\r%s %s ' "$1" "$(minutes $((now - $2)))"
	done
}

count=0
ticker=
trap '[ -z "$ticker" ] || kill "$ticker" 2>/dev/null' EXIT
trap 'echo; echo "toolchain: stopped; the same command goes on from here"; exit 130' INT TERM

step() { # step FUNCTION WORDS: run one step unless an earlier run did it
	count=$((count + 1))
	line=$(printf '[%d/%d] %-28s' $count $STEPS "$2")
	if [ -e "$work/done/$1" ]; then
		echo "$line done before"
		return
	fi
	began=$(date +%s)
	printf '%s' "$line"
	if [ -t 1 ]; then
		clock "$line" "$began" &
		ticker=$!
	fi
	set +e
	(set -ex; "$1") >>"$log" 2>&1 </dev/null
	status=$?
	set -e
	if [ -n "$ticker" ]; then
		kill "$ticker"
		wait "$ticker" 2>/dev/null || :
		ticker=
		printf '\r%s' "$line"
	fi
	if [ $status != 0 ]; then
		printf ' FAILED\n\n'
		tail -n 15 "$log" | cut -c 1-200
		printf '\ntoolchain: step %d (%s) failed; the whole log is %s\n' $count "$2" "$log" >&2
		printf 'When the cause is gone, the same command goes on with this step.\n' >&2
		exit 1
	fi
	printf ' %s\n' "$(minutes $(($(date +%s) - began)))"
	: > "$work/done/$1"
}

if [ -x "$prefix/bin/$TARGET-gcc" ] && [ -e "$work/done/put_in_place" ]; then
	echo "toolchain: $("$prefix/bin/$TARGET-gcc" --version | head -n 1) is in $prefix already (remove that folder to build it again)"
	exit 0
fi

sh "$here/tools/setup.sh" --toolchain
if [ ! -e "$work/done/unpack" ]; then
	free=$(df -Pk "$prefix" | awk 'NR == 2 { print int($4 / 1024) }')
	[ "$free" -ge $DISK_NEEDED_MB ] || {
		echo "toolchain: needs $DISK_NEEDED_MB MB in $prefix, there are $free MB" >&2
		exit 1
	}
fi
mkdir -p "$work/done" "$work/stage"
PATH=$stage/bin:$PATH
export PATH

echo "toolchain: binutils and gcc for $TARGET: about a quarter of an hour on 2 CPUs, $JOBS are used here"
echo "toolchain: what the builds say goes to $log"
all=$(date +%s)
step fetch "fetch the sources"
step unpack "unpack them"
step configure_binutils "configure binutils"
step build_binutils "build binutils"
step configure_gcc "configure gcc"
step build_gcc "build gcc"
step build_libgcc "build libgcc"
step stage_gcc "put together and check"
step put_in_place "install"
echo "toolchain: $("$prefix/bin/$TARGET-gcc" --version | head -n 1) is in $prefix, after $(minutes $(($(date +%s) - all))) min; the Makefile uses it from now on"
