#!/bin/sh
# symbols.sh NM [ELF]: prints, for NASM, the table of the functions in ELF that core/symbols.h describes: ascending 32-bit
# offsets from the start of the image, and the names in the same order. Without ELF the table is empty: the first link uses
# that. The table holds no address, so it needs no relocation.
set -eu
[ $# -eq 1 ] || [ $# -eq 2 ] || { echo "usage: symbols.sh NM [ELF]" >&2; exit 1; }

cat <<'END'
section .symbols progbits alloc noexec nowrite align=4
global symbol_count, symbol_offsets, symbol_names
END

if [ $# -eq 2 ]; then
	[ -r "$2" ] || { echo "symbols.sh: cannot read $2" >&2; exit 1; }
	# The addresses have 16 digits, all with the same upper half: the lower ones sort and subtract as 32-bit numbers.
	"$1" "$2" | LC_ALL=C sort
fi | awk '
	function number(hex,   i, n) {
		for (i = 1; i <= length(hex); i++)
			n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
		return n
	}
	BEGIN { count = 0 }
	$3 == "linker_image_start" { base = number(substr($1, 9)) }
	# A dot stands in names of copies the compiler made (kept, without what follows the dot) and of local labels in
	# assembly (no functions).
	function is_function(name) {
		return name !~ /^linker_/ && (name !~ /\./ || name ~ /\.(constprop|isra|part|cold)/)
	}
	($2 == "t" || $2 == "T") && is_function($3) && $1 != last {
		last = $1
		offset[count] = number(substr($1, 9))
		sub(/\..*/, "", $3)
		name[count++] = $3
	}
	END {
		printf "symbol_count: dd %d\nsymbol_offsets:\n", count
		for (i = 0; i < count; i++)
			printf "dd %d\n", offset[i] - base
		print "symbol_names:"
		for (i = 0; i < count; i++)
			printf "db \"%s\", 0\n", name[i]
	}'
