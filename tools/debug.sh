#!/bin/sh
# debug.sh BUILD [GDB-OPTION...]: starts the image in QEMU, stopped before its first instruction, and gdb on it, with the
# symbols of stage 2 and the kernel and breakpoints at each stage (docs/debugging.md). Options are handed to gdb: with
# -batch and -ex a script can step without a person.
#
# Environment: MEM (MiB, 128), SMP (CPUs, 1), CMDLINE (the kernel's command line, nokaslr), QEMUFLAGS, QEMU and GDB (the
# programs). With CMDLINE= the image's own holds, and the kernel is at a random place: gdb finds it at long_mode.
set -eu
[ $# -ge 1 ] || { echo "usage: debug.sh BUILD [GDB-OPTION...]" >&2; exit 2; }
build=$1
shift
here=$(dirname "$0")
QEMU=${QEMU:-qemu-system-x86_64}
CMDLINE=${CMDLINE-nokaslr}
GDB=${GDB:-$(command -v x86_64-elf-gdb || echo gdb)}
for command in "$QEMU" "$GDB"; do
	command -v "$command" >/dev/null || { echo "debug.sh: $command is not here: sh tools/setup.sh installs it" >&2; exit 1; }
done
for file in "$build/cairn.img" "$build/stage2.elf" "$build/kernel.elf"; do
	[ -r "$file" ] || { echo "debug.sh: $file is missing (make builds it)" >&2; exit 1; }
done

socket=$build/debug.$$.sock
pid_file=$build/debug.$$.pid
display=none
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	for choice in sdl gtk; do
		! "$QEMU" -display help 2>/dev/null | grep -qx $choice || display=$choice
	done
fi

# A reset, so a triple fault too, stops the machine as it is instead of starting it anew.
# As a daemon QEMU is out of reach of the terminal's Ctrl-C, which is gdb's, and is ready when the command returns.
# shellcheck disable=SC2086 # QEMUFLAGS are words of their own
"$QEMU" -drive "format=raw,file=$build/cairn.img" -snapshot -m "${MEM:-128}" -smp "${SMP:-1}" -display $display \
	${CMDLINE:+-fw_cfg "name=opt/org.cairn/cmdline,string=$(printf %s "$CMDLINE" | sed 's/,/,,/g')"} \
	-serial "file:$build/serial.log" -no-reboot -no-shutdown -S -gdb "unix:$socket,server=on,wait=off" ${QEMUFLAGS:-} \
	-daemonize -pidfile "$pid_file"
trap 'kill "$(cat "$pid_file" 2>/dev/null)" 2>/dev/null; rm -f "$socket"' EXIT
trap : INT
trap 'exit 1' HUP TERM

cat <<END
gdb stops at 7C00h (stage 1), stage2_entry, enter_protected, enter_long, long_mode and kernel_main.
  c go on   si step   b NAME break   code disassembly for this mode   registers all of them   screen the text screen
The serial port goes to $build/serial.log. quit ends both.
END
"$GDB" -q -ex "set confirm off" -ex "add-symbol-file $build/stage2.elf" -ex "add-symbol-file $build/kernel.elf -o 0" \
	-ex "target remote $socket" -x "$here/debug.gdb" "$@"
