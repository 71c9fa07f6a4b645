#!/bin/sh
# bochs.sh BUILD [COMMANDS]: starts the image in Bochs with its debugger, stopped where stage 1 begins, with breakpoints at
# the stages after it and the symbols of stage 2 and the kernel (docs/debugging.md).
#
# COMMANDS is a file of further commands for the debugger, carried out before it listens to the keyboard (a script for a
# run without a person ends with q). Environment: MEM (MiB, 64), CMDLINE (the kernel's command line, nokaslr), BOCHS (the
# program), BOCHS_SHARE (where its BIOSes are). With CMDLINE= the kernel is at a random place, and its symbols are for the
# person to load (docs/debugging.md).
set -eu
[ $# -ge 1 ] || { echo "usage: bochs.sh BUILD [COMMANDS]" >&2; exit 2; }
build=$1
further=${2:-/dev/null}
work=$build/bochs
share=${BOCHS_SHARE:-/usr/share/bochs}
cmdline=${CMDLINE-nokaslr}
BOCHS=${BOCHS:-bochs}

command -v "$BOCHS" >/dev/null || { echo "bochs.sh: $BOCHS is not here: sh tools/setup.sh installs it" >&2; exit 1; }
for file in "$build/stage1.bin" "$build/stage2.elf" "$build/stage2.bin" "$build/kernel.elf" "$build/kernel.bin" "$share/BIOS-bochs-latest" \
	"$share/VGABIOS-lgpl-latest" "$further"; do
	[ -r "$file" ] || { echo "bochs.sh: $file is missing" >&2; exit 1; }
done
mkdir -p "$work"

# The image with a command line of its own. With LINES=1 the build put the source's lines into it.
lines=
[ -z "$(cat "$build/modules")" ] || lines=lines=$build/kernel.lines
"$(dirname "$0")/make_image.sh" "$build/mkimage" "$work/image" "$build/stage1.bin" "$build/stage2.bin" "$build/kernel.bin" \
	"$cmdline" ${lines:+"$lines"}

nm=$(sed -n 's/^TARGET_NM := //p' "$build/tools.mk")

display=term # which Bochs's debugger puts on a terminal of its own
if [ -n "${DISPLAY:-}" ]; then
	for gui in sdl2 x; do
		for plugin in /usr/lib/*/bochs/plugins/libbx_${gui}_gui.so; do
			[ ! -e "$plugin" ] || display=$gui
		done
	done
fi

# A small `ips` keeps the BIOS's three seconds of waiting short. The image is not written to.
cat > "$work/bochsrc" <<END
config_interface: textconfig
display_library: $display
cpu: model=corei7_haswell_4770, ips=4000000, reset_on_triple_fault=0
megs: ${MEM:-64}
romimage: file=$share/BIOS-bochs-latest
vgaromimage: file=$share/VGABIOS-lgpl-latest
ata0-master: type=disk, path=$work/image, mode=volatile, journal=$work/journal
ata1: enabled=0
boot: disk
com1: enabled=1, mode=file, dev=$work/serial.log
port_e9_hack: enabled=1
magic_break: enabled=1
panic: action=ask
clock: sync=none, time0=1
sound: driver=dummy
speaker: enabled=0
log: $work/log
END

# Absolute symbols are numbers, not places. Of two names for one address Bochs shows the first.
named() {
	awk 'NF == 3 && $2 !~ /[aA]/ { print $1, $3 }'
}
places="stage1 stage2_entry enter_protected enter_long long_mode"
"$nm" "$build/kernel.elf" | named > "$work/kernel-symbols"
{
	echo "7c00 stage1"
	"$nm" "$build/stage2.elf" | named
} > "$work/all-symbols"
case " $cmdline " in *" nokaslr "*)
	places="$places kernel_main"
	cat "$work/kernel-symbols" >> "$work/all-symbols"
esac
: > "$work/symbols"
{
	echo "ldsym global \"$work/symbols\""
	for place in $places; do
		grep " $place\$" "$work/all-symbols" >> "$work/symbols" || {
			echo "bochs.sh: neither stage 2 nor the kernel has a symbol $place" >&2
			exit 1
		}
		echo "lb \"$place\""
	done
	echo c
	cat "$further"
} > "$work/commands"
cat "$work/all-symbols" >> "$work/symbols"

cat <<END
Bochs's debugger. It stops at $places.
  c go on    s step    n step over calls    r registers    sreg, creg the others    u /5 disassemble    x /8wx ADDRESS
  lb "SYMBOL" break there    print-stack    info tab page tables    q end      (Ctrl-C stops the machine)
What the machine says appears here (port E9) and in $work/serial.log.
END
[ $display != term ] || echo "The screen: Bochs names a terminal below; elsewhere, sh -c 'stty raw -echo; exec cat' < THAT_TERMINAL shows it."
exec "$BOCHS" -q -unlock -f "$work/bochsrc" -rc "$work/commands"
