; Stage 1: the boot sector. The BIOS loads these 512 bytes to 7C00h and jumps to them in real mode.
;
; It loads the head of stage 2 (8 KiB) to 8000h, checks its CRC32C and jumps to it. Two copies of the head are tried on the
; disk the BIOS named, then on each disk the BIOS says it has: what decides is the checksum, not the drive number, for
; BIOSes are known to pass a wrong one. If nothing passes, the first failure is shown: "Cairn error CC SS", CC = 01 read
; error, 02 wrong checksum, SS = the BIOS's INT 13h status; then a key (or a minute) lets the BIOS try its next device, and
; if it does not, the machine starts again. CC is also on port 80h.
;
; Memory while this runs                      Registers
;   0500h..05FFh  free                          bp = VARS: variables by short addresses
;   0600h..067Fh  variables (VARS)              ds = es = ss = 0, sp below 7000h
;   1000h..6FFFh  stack, growing down
;   7C00h..7DFFh  this sector
;   8000h..9FFFh  stage 2's head
; Neither stack nor variables share a 4 KiB page with the code: an emulator that translates code throws its work away at
; every write to the page (it doubles the time to load).
;
; Of the sector's bytes only some are ours: 03h..59h may be overwritten by BIOSes that expect a FAT parameter block there,
; DAh..DFh and 1B8h..1BDh by Windows, 1BEh on is the partition table. mkimage fills in head_lba and head_crc.

bits 16
cpu 386
org 7C00h

HEAD_ADDRESS  equ 8000h
HEAD_SIZE     equ 8192
STACK_TOP     equ 7000h
TRIES         equ 5			; of each block, packet call and old call in turn
PATIENCE      equ 3			; times 256 ticks of the BIOS's clock (14 s): 28 to 42 seconds, 10 more at midnight

BDA_DISKS     equ 0475h			; number of hard disks
BDA_KEYS      equ 041Ah			; first and last key in the buffer
BDA_TICKS     equ 046Ch			; counts 18.2 times a second

; Variables, in a page of their own. Stage 2 reads DRIVE to COPY (boot/stage2/head.c: struct stage1_report).
VARS          equ 0600h
PARAMETERS    equ 0			; what AH=48h returns: 30 bytes, and room for BIOSes that write all of EDD 4 (74 bytes)
BLOCK_SIZE    equ PARAMETERS + 18h	;   bytes per block
DRIVE         equ 50h			; BIOS number of the disk in hand
ERROR         equ 51h			; the first failure: code, or 0,
STATUS        equ 52h			; and its INT 13h status
COPY          equ 53h			; which copy of the head: 0 or 4, its offset in head_lba (written as
					; a word: LAST is lost, and not needed then)
LAST          equ 54h			; INT 13h status of the last read

%macro digit 0			; al, 0..15, to its character
	cmp al, 10
	sbb al, 69h
	das
%endmacro

sector:
	jmp short entry
	nop

; ---- 03h..59h: looks like a parameter block, holds nothing a BIOS may break -----------------------------------------
	db "Cairn   "			; 03h OEM name
	dw 512				; 0Bh bytes per sector: BIOSes check it
	times 18h - ($ - sector) db 0
	dw 18, 2			; 18h sectors per track, heads: some BIOSes divide by them
	times 28h - ($ - sector) db 0
head_lba:
	dd 0, 0				; 28h where the two copies begin, in 512-byte units, below 65536: struct mbr_patch
head_crc:
	dd 0				; 30h CRC32C of the head, all bits flipped              (include/format/mbr.h)
message:
	db 13, 10, "Cairn error 0"
message_code:
	db "0 "
message_status:
	db "00", 0

; Reset.
disk_reset:
	mov ah, 0			; and fall through
; INT 13h for the disk in hand. BIOSes need interrupts on, es:di = 0 when asked for the geometry, and lose registers.
disk_call:
	push ds
	pop es
	xor di, di
	mov dl, [bp + DRIVE]
	push ds
	push bp
	sti
	int 13h
	pop bp
	pop ds
	cld
	ret
	times 5Ah - ($ - sector) db 0

; ---- 5Ah..D9h -------------------------------------------------------------------------------------------------------
entry:					; CS may be 07C0h; DS, ES, SS, SP, flags may be anything
	xor ax, ax
	mov ss, ax			; (no interrupt comes between these two)
	mov sp, STACK_TOP
	mov ds, ax
	jmp 0:main
main:
	mov [VARS + ERROR], ax		; no failure yet
	push 80h - 1			; after dl as the BIOS gave it all disks from 80h on (that one again: a comparison costs
.next:					; more)
	call try_disk			; comes back only if this is not our disk
	pop dx
	inc dx
	push dx
	mov al, [BDA_DISKS]
	add al, 80h
	cmp dl, al			; ask only for disks that exist: others may hang the BIOS
	jb .next

fail:
	mov ax, [BDA_KEYS]		; what was typed before there was something to read does not count
	mov [BDA_KEYS + 2], ax
	mov ax, [bp + ERROR]
	out 80h, al			; for POST cards
	mov si, message
	add [si + message_code - message], al
	mov al, ah
	aam 16				; ah = high digit, al = low one
	digit
	xchg al, ah
	digit
	mov [si + message_status - message], ax
	mov ax, 00E3h			; COM1: 8N1, and as fast as the BIOS can: 9600 baud
	cwd				; dx = 0
	int 14h
.put:					; to the screen, port E9 and COM1
	cld				; some BIOSes leave it set
	lodsb
	push ax
	mov ah, 0Eh
	mov bh, 0
	int 10h
	in al, 0E9h			; there is a debug port if reading it gives its number
	cmp al, 0E9h
	pop ax
	jne .serial
	out 0E9h, al
.serial:
	mov ah, 1			; dx is still 0: COM1
	int 14h
	cmp [si], dl			; 0
	jne .put

	mov al, [BDA_TICKS + 1]
	add al, PATIENCE
	xchg ax, bx
	sti				; the clock runs, even if the last read came back without
.wait:
	mov ah, 1
	int 16h
	jnz .leave
	cmp [BDA_TICKS + 1], bl
	jne .wait
.leave:
	int 18h				; let the BIOS try what comes next
	jmp 0FFFFh:0			; it came back: reset

	times 0DAh - ($ - sector) db 90h
; ---- DAh..DFh: Windows keeps a timestamp here -----------------------------------------------------------------------
	times 6 db 0
; ---- E0h..1B7h ------------------------------------------------------------------------------------------------------
; Tries both copies on disk dl; returns if neither passes.
try_disk:
	mov bp, VARS
	mov [bp + DRIVE], dl
	mov si, bp			; PARAMETERS
	mov word [si], 1Eh
	mov byte [bp + BLOCK_SIZE + 1], 512 >> 8 ; without an answer
	mov ah, 48h			; how big is a block? (A BIOS without packet calls leaves the answer as it was.)
	call disk_call
	xor di, di
	call try_copy
	mov di, 4			; and fall through

; Loads and checks the copy at head_lba + di; jumps to it if it is whole, else returns.
try_copy:
	mov [bp + COPY], di
	mov dh, 42h
	mov di, [head_lba + di]
	mov cx, 9			; a block is 512 << cl bytes: 512 to 4096. Of other sizes, and some BIOSes say 0,
	bsr cx, [bp + BLOCK_SIZE]	; something in this range is made, and the checksum will tell
	dec cx
	and cl, 3
	shr di, cl
	mov bx, HEAD_ADDRESS
.read:
	call read_block			; block by block, so that no read crosses a 64 KiB line
	mov al, 1			; read error
	jc note
	inc di
	mov ah, 512 >> 8
	shl ah, cl
	add bh, ah
	test bh, HEAD_SIZE >> 8		; set when bx leaves 8000h..9FFFh
	jz .read

	mov bh, HEAD_ADDRESS >> 8	; CRC32C, bit by bit: slow, but 8 KiB only
	or eax, -1
.byte:
	xor al, [bx]
	inc bx
	mov cx, 8
.bit:
	shr eax, 1
	jnc .no
	xor eax, 82F63B78h
.no:
	loop .bit
	test bh, HEAD_SIZE >> 8
	jz .byte
	cmp eax, [head_crc]
	je HEAD_ADDRESS
	mov al, 2			; wrong checksum
note:					; keep the first failure only
	cmp byte [bp + ERROR], 0
	jne .return
	mov ah, [bp + LAST]
	mov [bp + ERROR], ax		; and STATUS
.return:
	ret

; Reads block di to 0:bx. CF: failed, status in LAST. dh = the call to begin with: the packet call (42h) or the older
; cylinder/head/sector call (02h). After a failure the other one is tried, whatever the BIOS promises: some promise packet
; calls that fail. What worked stays in dh.
read_block:
	mov ch, TRIES
.try:
	pusha
	push ds				; the disk address packet: block number,
	push ds
	push ds
	push di
	push ds				; buffer,
	push bx
	push 1				; count,
	push 16				; size
	mov si, sp
	mov ah, dh
	test ah, ah
	jp .read			; (42h has two bits set, 02h one)
	push bx
	push di
	mov ah, 8			; geometry, asked each time: no other source is right
	call disk_call
	movzx si, dh
	xor dx, dx
	pop ax				; dx:ax = block
	pop bx
	and cx, 3Fh			; sectors per track
	stc
	jz .read_it			; 0 on some USB sticks: no answer, LAST is that of the packet call
	div cx
	inc dx
	xchg cx, dx			; sector, from 1
	cwd				; (0: a track has more than one sector)
	inc si				; heads
	div si				; cylinder in ax (one beyond 255 wraps: the checksum will tell), head in dx
	mov dh, dl
	mov ch, al
	mov ax, 201h
.read:
	call disk_call
	mov [bp + LAST], ah
	jnc .read_it
	xor ah, 11h			; "corrected": the data is right, or the checksum will tell
	neg ah				; CF unless it was that
.read_it:
	popa				; drop the packet; flags stay
	jnc .whole
	call disk_reset
	popa
	xor dh, 40h			; then again
	dec ch
	jnz .try
	stc
	ret
.whole:
	popa
	ret

code_end:
%if code_end - sector > 440
%assign over code_end - sector - 440
%error stage 1 is too large by over bytes
%endif
	times 510 - ($ - sector) db 0
	db 55h, 0AAh
