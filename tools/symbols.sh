#!/bin/sh
# symbols.sh NM [ELF BINARY]: prints, for NASM, what core/symbols.h describes: the table of the functions in ELF (ascending
# 32-bit offsets from the start of the image, and the names in the same order), and the number of the build, made of
# BINARY, the loaded bytes of ELF. Without these two the table is empty: the first link uses that. The table holds no
# address, so it needs no relocation.
set -eu
[ $# -eq 1 ] || [ $# -eq 3 ] || { echo "usage: symbols.sh NM [ELF BINARY]" >&2; exit 1; }

cat <<'END'
section .symbols progbits alloc noexec nowrite align=4
global symbol_build, symbol_count, symbol_offsets, symbol_names
END

build=0
for file; do
	[ "$file" = "$1" ] || [ -r "$file" ] || { echo "symbols.sh: cannot read $file" >&2; exit 1; }
done
[ $# -eq 1 ] || build=$(cksum < "$3")
echo "symbol_build: dd ${build%% *}"

if [ $# -eq 3 ]; then
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
