#!/bin/sh
# run.sh IMAGE: starts the image in QEMU where a person sees most: a window if there is a display, else the screen drawn in
# this terminal, else only the serial port. It says first how to leave.
#
# Environment: MEM (MiB, 128), SMP (CPUs, 1), QEMUFLAGS (more options for QEMU), QEMU (the program).
set -eu
[ $# = 1 ] || { echo "usage: run.sh IMAGE" >&2; exit 2; }
[ -r "$1" ] || { echo "run.sh: $1: no such image (make builds it)" >&2; exit 1; }
QEMU=${QEMU:-qemu-system-x86_64}
command -v "$QEMU" >/dev/null || { echo "run.sh: $QEMU is not here: sh tools/setup.sh installs it" >&2; exit 1; }

displays=$("$QEMU" -display help 2>/dev/null)
has_display() { echo "$displays" | grep -qx "$1"; }

serial_log=$(dirname "$1")/serial.log
pid_file=$(dirname "$1")/qemu.pid
is_running() { # a process of that number, and a QEMU where ps can tell
	[ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null || return 1
	! command -v ps >/dev/null || ps -p "$(cat "$pid_file")" -o comm= | grep -q qemu
}
if is_running; then
	echo "run.sh: it is running already (process $(cat "$pid_file")): leave it first, or kill that process" >&2
	exit 1
fi
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && has_display gtk; then
	screen=gtk
elif [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && has_display sdl; then
	screen=sdl
elif has_display cocoa; then
	screen=cocoa
elif [ -t 0 ] && [ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && has_display curses; then
	screen=curses
else
	screen=none
fi

case $screen in
curses)
	serial=file:$serial_log
	echo "The screen is drawn in this terminal (it needs 80 x 25)."
	echo "The serial port goes to $serial_log"
	echo "To leave: Alt-2 (the QEMU monitor; Alt-1 goes back), type quit, press Enter."
	echo "Or from another terminal: kill \$(cat $pid_file)"
	sleep 2 # the screen is wiped when QEMU starts: time to read
	;;
none)
	serial=stdio
	echo "No display and no terminal to draw in: this is the serial port."
	echo "To leave: Ctrl-C, or from another terminal: kill \$(cat $pid_file)"
	;;
*)
	serial=stdio
	echo "The screen is in a window; this is the serial port. To leave: close the window, or Ctrl-C here."
	;;
esac

file=$(printf '%s' "$1" | sed 's/,/,,/g') # QEMU's way to write a comma
# A machine that resets starts over, and says then how the last run ended (docs/black-box.md).
# shellcheck disable=SC2086 # QEMUFLAGS are words of their own
exec "$QEMU" -drive "format=raw,file=$file" -m "${MEM:-128}" -smp "${SMP:-1}" -display $screen -serial "$serial" \
	-pidfile "$pid_file" ${QEMUFLAGS:-}
