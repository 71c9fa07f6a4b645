#!/bin/sh
# setup.sh [--check] [--toolchain]: installs what is missing to build, run, test and check the system. Says nothing when
# nothing is missing.
#
# --check      only report: lists what is missing, exit status 1 if anything is
# --toolchain  what `make toolchain` needs besides
#
# Plain sh, for it must run on a system that has nothing yet. Tried on Debian 12; the names for Fedora, Arch and Homebrew
# are untried.
set -u

check=
toolchain=
for option; do
	case $option in
	--check) check=yes ;;
	--toolchain) toolchain=yes ;;
	*)
		sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
		exit 2
		;;
	esac
done

has_command() { PATH=$PATH:/usr/sbin:/sbin type "$1" >/dev/null 2>&1; } # mkfs.fat is not on every user's PATH

has_file() { # is there a file of one of these names?
	for name; do
		[ ! -e "$name" ] || return 0
	done
	return 1
}

has_header() { has_file "/usr/include/$1" /usr/include/*/"$1" "/opt/homebrew/include/$1" "/usr/local/include/$1"; }

has_library() { has_file "/usr/lib/$1" /usr/lib/*/"$1" "/usr/lib64/$1"; }

has_modules() { # the Makefile takes the first of these that has them
	for python in python3 /usr/bin/python3; do
		"$python" -c "import $*" 2>/dev/null && return
	done
	return 1
}

has_clang_runtime() { has_file "$(clang -print-resource-dir 2>/dev/null)"/lib/*/libclang_rt.fuzzer[-_.]*; }

has_window() { # without a display there is none to open
	[ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || qemu-system-x86_64 -display help 2>/dev/null | grep -qxE 'gtk|sdl|cocoa'
}

has_curses() { qemu-system-x86_64 -display help 2>/dev/null | grep -qx curses; }

has_bochs_term() { has_file /usr/lib/*/bochs/plugins/libbx_term_gui.so /usr/lib*/bochs/plugins/libbx_term_gui.so || bochs --help 2>&1 | grep -q term; }

has_bochs_rom() { has_file "/usr/share/bochs/$1"; }

has_crate() { # only `make bench` wants them, and only where there is a cargo
	! has_command cargo || has_file "/usr/share/cargo/registry/$1"
}

need() { # need "TEST" APT DNF PACMAN BREW: if the test fails, the package of this system's column is missing; - is none
	test=$1
	shift $column
	[ "$1" = - ] || $test || missing="$missing $1"
}

look() { # sets $missing
	missing=
	#     how to see it is there            Debian, Ubuntu      Fedora               Arch               Homebrew
	need "has_command make"                 make                make                 make               make
	need "has_command gcc"                  gcc                 gcc                  gcc                -
	need "has_command x86_64-elf-gcc"       -                   -                    -                  x86_64-elf-gcc
	need "has_header stdio.h"               libc6-dev           glibc-devel          glibc              -
	need "has_command cmp"                  diffutils           diffutils            diffutils          -
	need "has_command find"                 findutils           findutils            findutils          -
	need "has_command awk"                  mawk                gawk                 gawk               -
	need "has_command nasm"                 nasm                nasm                 nasm               nasm
	need "has_command mformat"              mtools              mtools               mtools             mtools
	need "has_command mkfs.fat"             dosfstools          dosfstools           dosfstools         dosfstools
	need "has_command qemu-system-x86_64"   qemu-system-x86     qemu-system-x86      qemu-system-x86    qemu
	need has_curses                         qemu-system-common  qemu-ui-curses       qemu-ui-curses     -
	need has_window                         qemu-system-gui     qemu-ui-gtk          qemu-ui-gtk        -
	need "has_command bochs"                bochs               bochs-debugger       bochs              bochs
	need has_bochs_term                     bochs-term          -                    -                  -
	need "has_bochs_rom BIOS-bochs-latest"  bochsbios           bochs-bios           -                  -
	need "has_bochs_rom VGABIOS-lgpl-latest" vgabios            vgabios              -                  -
	need "has_command python3"              python3             python3              python             python
	need "has_modules pytest"               python3-pytest      python3-pytest       python-pytest      -
	need "has_modules pytest, pexpect"      python3-pexpect     python3-pexpect      python-pexpect     -
	need "has_modules pytest, xdist"        python3-pytest-xdist python3-pytest-xdist python-pytest-xdist -
	need "has_command iasl"                 acpica-tools        acpica-tools         acpica             acpica
	need "has_header cmocka.h"              libcmocka-dev       libcmocka-devel      cmocka             cmocka
	need "has_command spin"                 spin                -                    -                  spin
	need "has_header vterm.h"               libvterm-dev        libvterm-devel       libvterm           libvterm
	need "has_header lz4.h"                 liblz4-dev          lz4-devel            lz4                lz4
	need "has_library libxkbcommon.so.0"    libxkbcommon0       libxkbcommon         libxkbcommon       -
	need "has_file /usr/share/X11/xkb/symbols/de" xkb-data      xkeyboard-config     xkeyboard-config   -
	need "has_file /usr/share/X11/locale/en_US.UTF-8/Compose" libx11-data libX11-common libx11          -
	need "has_crate crossbeam-queue-0.3.8"  librust-crossbeam-queue-dev - -                  -
	need "has_crate futures-util-0.3.21"    librust-futures-util-dev - -                     -
	need "has_command gdb"                  gdb                 gdb                  gdb                x86_64-elf-gdb
	need "has_command clang"                clang               clang                clang              llvm
	need has_clang_runtime                  "$clang_rt"         compiler-rt          compiler-rt        -
	need "has_command ld.lld"               lld                 lld                  lld                lld
	need "has_command llvm-objcopy"         llvm                llvm                 llvm               -
	need "has_command clang-format"         clang-format        clang-tools-extra    clang              clang-format
	need "has_command cppcheck"             cppcheck            cppcheck             cppcheck           cppcheck
	[ -n "$toolchain" ] || return 0
	need "has_command g++"                  g++                 gcc-c++              gcc                -
	need "has_command xz"                   xz-utils            xz                   xz                 xz
	need "has_command flex"                 flex                flex                 flex               flex
	need "has_command bison"                bison               bison                bison              bison
	need "has_header gmp.h"                 libgmp-dev          gmp-devel            gmp                gmp
	need "has_header mpfr.h"                libmpfr-dev         mpfr-devel           mpfr               mpfr
	need "has_header mpc.h"                 libmpc-dev          libmpc-devel         libmpc             libmpc
}

say() { echo "setup: $*"; }

clang_rt=
sudo=
if type apt-get >/dev/null 2>&1; then
	column=1
	install() {
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
	}
	refresh() { $sudo apt-get update -qq; }
elif type dnf >/dev/null 2>&1; then
	column=2
	install() { $sudo dnf install -y --setopt=install_weak_deps=False "$@"; }
elif type pacman >/dev/null 2>&1; then
	column=3
	install() { $sudo pacman -Sy --needed --noconfirm "$@"; }
elif type brew >/dev/null 2>&1; then
	column=4
	install() { brew install "$@"; }
else
	say "none of apt-get, dnf, pacman and brew is here; docs/toolchain.md lists what is needed" >&2
	exit 1
fi
[ $column = 1 ] || refresh() { :; }

# Debian names the runtime for sanitizers after the version of clang.
name_clang_runtime() {
	[ $column = 1 ] || return 0
	version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')
	clang_rt=libclang-rt-${version:+$version-}dev
}

name_clang_runtime
look
[ -n "$missing" ] || exit 0
if [ -n "$check" ]; then
	say "missing:$missing"
	exit 1
fi
if [ $column != 4 ] && [ "$(id -u)" != 0 ]; then
	if ! type sudo >/dev/null 2>&1; then
		say "to install these packages, run this as root (there is no sudo here):$missing" >&2
		exit 1
	fi
	sudo=sudo
fi

[ $column = 1 ] || say "only tried on Debian 12: names of packages may be wrong here (tools/setup.sh is the place to mend them)"
refresh || say "the list of packages could not be brought up to date; trying with the one that is here" >&2
name_clang_runtime
look
say "installing$missing (this takes a minute or two)"
# shellcheck disable=SC2086 # the names are words of their own
install $missing || {
	say "installing failed" >&2
	exit 1
}
look
[ -z "$missing" ] || {
	say "installed, but still not found:$missing" >&2
	exit 1
}
say "everything is here"
