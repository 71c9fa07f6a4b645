#!/bin/sh
# Puts together what is handed out: make_dist.sh BUILD VERSION OUT
#
# The image; the files with the symbols of what runs, for gdb and tools/where.py; and SHA256SUMS of them all. OUT is made
# anew. It holds nothing of the machine or the moment it was made at, except that kernel.elf names the folder it was built in.
set -eu
[ $# = 3 ] || { echo "usage: make_dist.sh BUILD VERSION OUT" >&2; exit 1; }
build=$1 name=cairn-$2 out=$3

if command -v sha256sum >/dev/null; then sum=sha256sum; else sum="shasum -a 256"; fi # the other one is macOS's
work=$(mktemp -d "$out.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cp "$build/cairn.img" "$work/$name.img"
cp "$build/kernel.elf" "$work/$name-kernel.elf"
cp "$build/stage2.elf" "$work/$name-stage2.elf"
(cd "$work" && LC_ALL=C $sum "$name"* > SHA256SUMS)
chmod 755 "$work"
rm -rf "$out"
mv "$work" "$out"
cat "$out/SHA256SUMS"
