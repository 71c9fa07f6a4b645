#!/bin/sh
# Makes a bootable image with a FAT32 partition: make_image.sh MKIMAGE OUT STAGE1 STAGE2 KERNEL [CMDLINE [NAME=FILE...]]
# Environment: CONFIG (a file with the configuration, instead of CMDLINE).
#
# mkimage lays out the disk and leaves the data partition empty; mtools puts a file system there. Everything happens in a
# file beside OUT, which gets its name when it is whole. The same input gives the same image: volume serial number and
# dates in it are fixed.
set -eu

if [ $# -lt 5 ]; then
	echo "usage: make_image.sh MKIMAGE OUT STAGE1 STAGE2 KERNEL [CMDLINE [NAME=FILE...]]" >&2
	exit 1
fi
mkimage=$1 out=$2 stage1=$3 stage2=$4 kernel=$5 cmdline=${6-}
[ $# -lt 6 ] && shift 5 || shift 6
for module; do
	set -- "$@" --module "$module"
	shift
done

if ! command -v mformat > /dev/null; then
	echo "make_image.sh: mformat not found, it comes with mtools" >&2
	exit 1
fi

work=$(mktemp -d "$out.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
image=$work/image

[ -n "${CONFIG:-}" ] && set -- "$@" --config "$CONFIG" || set -- "$@" --cmdline "$cmdline"
"$mkimage" -o "$image" --stage1 "$stage1" --stage2 "$stage2" --kernel "$kernel" "$@"

# LBA and sectors of the second partition, from its entry in the partition table at 1BEh + 16.
# shellcheck disable=SC2046
set -- $(od -A n -t u4 -j 470 -N 8 "$image")
lba=$1 sectors=$2

cat > "$work/README.TXT" << 'TEXT'
This is the data partition of a disk that starts Cairn, an operating system
for x86-64 computers with a legacy BIOS (or a UEFI with its CSM switched on).

The system itself lies in the partition before this one, which is no file
system. This one is an ordinary FAT32: put on it what you like. Nothing on it
is needed to start.
TEXT

# FAT's first day stands for "no date": mtools takes its own dates from SOURCE_DATE_EPOCH, a file's from the file.
export LC_ALL=C TZ=UTC MTOOLS_SKIP_CHECK=1 SOURCE_DATE_EPOCH=315532800
touch -t 198001010000 "$work/README.TXT"
mformat -i "$image@@$((lba * 512))" -F -c 1 -h 255 -s 63 -T "$sectors" -H "$lba" -N 0CA12000 -v CAIRN ::
mcopy -m -t -i "$image@@$((lba * 512))" "$work/README.TXT" ::README.TXT
mv -f "$image" "$out"
