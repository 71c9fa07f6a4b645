#!/bin/sh
# stage1_budget.sh LISTING: how much of the boot sector is used, told from NASM's listing of boot/stage1.asm.
#
# Code has 5Ah..D9h and E0h..1B7h: before lies what BIOSes take for a parameter block, between them bytes that Windows
# writes, behind them the partition table. 344 bytes, of which 2 are the jump across the hole. A line made by `times` is
# padding.
set -eu
[ $# = 1 ] || { echo "usage: stage1_budget.sh LISTING" >&2; exit 2; }
awk '
function number(text, value, i) {
	for (i = 1; i <= length(text); i++)
		value = value * 16 + index("0123456789ABCDEF", substr(toupper(text), i, 1)) - 1
	return value
}
# NNNNNN AAAAAAAA BYTES source: "-" ends bytes that go on in the next line, brackets mark addresses in them.
substr($0, 8, 8) ~ /^[0-9A-F]+$/ && substr($0, 17, 18) !~ /<rep/ {
	split(substr($0, 17, 20), words, " ")
	bytes = words[1]
	gsub(/[^0-9A-F]/, "", bytes)
	first = number(substr($0, 8, 8))
	for (at = first; at < first + length(bytes) / 2; at++)
		used += (at >= 90 && at < 218) || (at >= 224 && at < 440)
}
END {
	if (used == 0) {
		print FILENAME ": not a listing of stage 1" > "/dev/stderr"
		exit 1
	}
	printf "stage 1: %d bytes used, %d free of 342\n", used - 2, 342 - (used - 2)
}' "$1"
