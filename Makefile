# Cairn: one readable file. `make help` lists what it can do.

BUILD ?= build
override BUILD := $(patsubst %/,%,$(strip $(BUILD)))

# What is built goes into a folder of its own, which `make clean` empties: never the tree itself, a home or everything.
ifneq ($(words $(CURDIR)),1)
$(error the path of this folder has a space in it, which make cannot deal with: $(CURDIR))
endif
OURS := $(addprefix $(CURDIR)/,boot docs include kernel tests tools .git .ci)
ifneq ($(words $(BUILD)),1)
$(error BUILD names the folder to build into, one word: "$(BUILD)" is none)
endif
ifneq ($(filter / $(HOME) $(CURDIR) $(OURS) $(addsuffix /%,$(OURS)),$(or $(abspath $(BUILD)),/)),)
$(error BUILD=$(BUILD) is not a folder to build into)
endif
ifneq ($(findstring ~,$(BUILD)),)
$(error BUILD=$(BUILD): make does not know what ~ is, write the folder out)
endif
MEM ?= 128
SMP ?= 1

# ---- tools -----------------------------------------------------------------------------------------------------------

CC_WANTED := $(if $(filter command% environment%,$(origin CC)),$(CC))
WITHOUT_TOOLS := help clean toolchain where
ifneq ($(filter-out $(WITHOUT_TOOLS),$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell mkdir -p $(BUILD) && NASM='$(or $(NASM),nasm)' tools/find_toolchain.sh $(CC_WANTED) > $(BUILD)/tools.mk || echo none),)
$(error no compiler to build with, see above)
endif
include $(BUILD)/tools.mk
endif

NASM ?= nasm
HOSTCC ?= cc
PYTHON := $(shell for p in python3 /usr/bin/python3; do $$p -c 'import pytest, pexpect' 2>/dev/null && echo $$p && break; done)
PYTHON := $(or $(PYTHON),python3)

# V=1 shows the commands themselves.
Q := $(if $(V),,@)
say = @printf '  %-8s %s\n' $(1) $(patsubst $(BUILD)/%,%,$@)

# ---- flags -----------------------------------------------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Wwrite-strings \
	-Wcast-align -Wold-style-definition -Wimplicit-fallthrough $(if $(WERROR),-Werror)
COMMON := -std=gnu11 -ffreestanding -fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-mgeneral-regs-only -fno-common -ffile-prefix-map='$(CURDIR)'=. -g -MMD -MP $(WARN) -Iinclude
# The canary of the stack protector stands in each CPU's struct percpu_head; variables that nobody set are zero.
KERNEL_FLAGS := $(COMMON) -O2 -fstack-protector-strong -mstack-protector-guard=tls -mstack-protector-guard-reg=gs \
	-mstack-protector-guard-offset=40 -ftrivial-auto-var-init=zero -fpie -include kernel/hidden.h -Ikernel -Ikernel/arch/x86_64 -mno-red-zone \
	-fno-omit-frame-pointer -fno-optimize-sibling-calls -ffunction-sections -fdata-sections
# Sanitizers check the kernel while it runs; the loader and the host's tools are built as always.
SANITIZERS := undefined address
ifneq ($(filter-out $(SANITIZERS),$(SANITIZE)),)
$(error SANITIZE=$(SANITIZE): there are: $(SANITIZERS))
endif
SANITIZE_undefined := -fsanitize=undefined
SANITIZE_address := -DSANITIZE_ADDRESS -fsanitize=kernel-address \
	$(addprefix --param asan-,stack=0 globals=0 instrumentation-with-call-threshold=0)
ifeq ($(filter address,$(SANITIZE)) $(TARGET_KIND),address clang)
$(error SANITIZE=address needs gcc (CC=gcc): clang adds constructors, which nothing here runs)
endif
KERNEL_FLAGS += $(foreach s,$(SANITIZE),$(SANITIZE_$s)) $(if $(or $(filter-out 0,$(DEBUG)),$(filter address,$(SANITIZE))),-DDEBUG)
STAGE2_FLAGS := $(COMMON) -fno-stack-protector $(if $(filter clang,$(TARGET_KIND)),-Oz,-Os) -m32 -march=i386 -fno-pie -Ikernel -Iboot/stage2 -ffunction-sections -fdata-sections \
	-fomit-frame-pointer
# Locals do not survive an await (kernel/task/future.h); these warnings catch who relies on one.
KERNEL_FLAGS += $(if $(filter clang,$(TARGET_KIND)),-Wconditional-uninitialized,-Wjump-misses-init)
ifeq ($(TARGET_KIND),clang)
CC64 := $(TARGET_CC) --target=x86_64-linux-gnu
CC32 := $(TARGET_CC) --target=i386-unknown-none-elf
LD64 := $(TARGET_LD) -m elf_x86_64 --pack-dyn-relocs=relr
LD32 := $(TARGET_LD) -m elf_i386
# clang 14 to 15 want to hear twice that variables are to be zero; from 16 on this is ignored.
KERNEL_FLAGS += -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
else
CC64 := $(TARGET_CC) -fcf-protection=none
# Room between functions and in loops would be a tenth of what a BIOS has to read.
KERNEL_FLAGS += -falign-functions=1 -falign-jumps=1 -falign-loops=1 -falign-labels=1
CC32 := $(TARGET_CC) -fcf-protection=none
# Relocations as bit maps where the linker can (binutils 2.38): 10 KiB less for a BIOS to read, and nothing to copy.
LD64 := $(TARGET_LD) -m elf_x86_64 -z noexecstack \
	$(if $(if $(TARGET_LD),$(shell $(TARGET_LD) --help | grep pack-relative-relocs)),-z pack-relative-relocs)
LD32 := $(TARGET_LD) -m elf_i386 -z noexecstack --no-warn-rwx-segments
STAGE2_FLAGS += -mpreferred-stack-boundary=2
# x86_64-elf-gcc -m32 calls a uint32_t an unsigned long, the others an unsigned int: formats need it to be one thing.
STAGE2_FLAGS += -U__UINT32_TYPE__ -D__UINT32_TYPE__=unsigned -U__INT32_TYPE__ -D__INT32_TYPE__=int
endif
HOST_FLAGS := -std=gnu11 -O2 -g $(WARN) -Iinclude -Ikernel

# ---- what is built ---------------------------------------------------------------------------------------------------

IMAGE := $(BUILD)/cairn.img
VERSION := $(shell cat VERSION)

all: $(IMAGE) $(BUILD)/test.img

# A stamp that changes when tools or flags do, so that nothing built with others is reused.
STAMP := $(BUILD)/flags
$(STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(CC64) $(LD64) $(KERNEL_FLAGS) $(STAGE2_FLAGS) $(VERSION)' | cmp -s - $@ || \
		{ echo '$(CC64) $(LD64) $(KERNEL_FLAGS) $(STAGE2_FLAGS) $(VERSION)' > $@; echo 'toolchain: $(TARGET_KIND) ($(TARGET_CC))'; }

# Stage 1: one sector, raw.
$(BUILD)/stage1.bin: boot/stage1.asm $(STAMP)
	$(call say,NASM)
	$(Q)$(NASM) -f bin -w+all -l $(BUILD)/stage1.lst -o $@ $<
	@tools/stage1_budget.sh $(BUILD)/stage1.lst

# Stage 2: 32-bit C with the 16-bit gates, and the pure files of kernel/lib compiled again for 32 bits.
STAGE2_LIB := string sha256 crc32c elf64 image config lz4 chacha20 format command_line log_ring black_box
STAGE2_OBJ := $(patsubst boot/stage2/%,$(BUILD)/stage2/%.o,$(wildcard boot/stage2/*.asm boot/stage2/*.c)) \
	$(STAGE2_LIB:%=$(BUILD)/stage2/lib/%.c.o)
$(BUILD)/stage2.elf: boot/stage2/stage2.ld $(STAGE2_OBJ)
	$(call say,LD)
	$(Q)$(LD32) -T boot/stage2/stage2.ld --gc-sections --build-id=none -Map $(BUILD)/stage2.map -o $@ $(STAGE2_OBJ)
$(BUILD)/stage2.bin: $(BUILD)/stage2.elf
	$(call say,OBJCOPY)
	$(Q)$(TARGET_OBJCOPY) -O binary $< $@
$(BUILD)/stage2/%.c.o: boot/stage2/%.c $(STAMP)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC32) $(STAGE2_FLAGS) -c -o $@ $<
$(BUILD)/stage2/%.asm.o: boot/stage2/%.asm $(STAMP)
	@mkdir -p $(@D)
	$(call say,NASM)
	$(Q)$(NASM) -f elf32 -g -F dwarf -w+all -Iboot/stage2/ -MD $(@:.o=.d) -MP -o $@ $<
$(BUILD)/stage2/lib/%.c.o: kernel/lib/%.c $(STAMP)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC32) $(STAGE2_FLAGS) -c -o $@ $<

# The kernel: a static PIE. It is linked twice, the second time with the table of its own symbols inside.
KERNEL_OBJ := $(patsubst %,$(BUILD)/%.o,$(shell find kernel -name '*.c' -o -name '*.asm' | LC_ALL=C sort))
TEST_OBJ := $(patsubst %,$(BUILD)/%.o,$(shell find tests/kernel -name '*.c' 2>/dev/null | LC_ALL=C sort))
# FONT=file.psf replaces the video ROM's font on a framebuffer.
FONT_SOURCE := $(FONT:%=$(BUILD)/font.c)
KERNEL_OBJ += $(FONT_SOURCE:=.o)
FONT_STAMP := $(BUILD)/font
$(FONT_STAMP): FORCE
	@echo '$(FONT)' | cmp -s - $@ || echo '$(FONT)' > $@
$(BUILD)/kernel.elf $(BUILD)/test.elf: $(FONT_STAMP)
$(BUILD)/font.c: $(wildcard $(FONT)) tools/psf_font.py $(FONT_STAMP)
	$(call say,FONT)
	$(Q)$(PYTHON) tools/psf_font.py '$(FONT)' $@
$(BUILD)/font.c.o: $(BUILD)/font.c
	$(call say,CC)
	$(Q)$(CC64) $(KERNEL_FLAGS) -c -o $@ $<
KERNEL_LD := $(LD64) -T kernel/arch/x86_64/kernel.ld -pie --no-dynamic-linker -z text -z max-page-size=4096 -z norelro \
	--hash-style=sysv --build-id=none --gc-sections
$(BUILD)/kernel.elf: $(KERNEL_OBJ)
$(BUILD)/test.elf: $(KERNEL_OBJ) $(TEST_OBJ)
$(BUILD)/test.elf: KERNEL_LD += --wrap=frames_start # tests/kernel/shortage.c
$(BUILD)/kernel.elf $(BUILD)/test.elf: $(BUILD)/%.elf: kernel/arch/x86_64/kernel.ld tools/symbols.sh
	$(call say,LD)
	$(Q)tools/symbols.sh $(TARGET_NM) > $(BUILD)/$*.symbols0.asm < /dev/null
	$(Q)$(NASM) -f elf64 -o $(BUILD)/$*.symbols0.o $(BUILD)/$*.symbols0.asm
	$(Q)$(KERNEL_LD) -o $(BUILD)/$*.pass1.elf $(filter %.o,$^) $(BUILD)/$*.symbols0.o
	$(Q)$(TARGET_OBJCOPY) -O binary $(BUILD)/$*.pass1.elf $(BUILD)/$*.pass1.bin
	$(Q)tools/symbols.sh $(TARGET_NM) $(BUILD)/$*.pass1.elf $(BUILD)/$*.pass1.bin > $(BUILD)/$*.symbols.asm
	$(Q)$(NASM) -f elf64 -o $(BUILD)/$*.symbols.o $(BUILD)/$*.symbols.asm
	$(Q)$(KERNEL_LD) -Map $(BUILD)/$*.map -o $@ $(filter %.o,$^) $(BUILD)/$*.symbols.o
$(BUILD)/%.bin: $(BUILD)/%.elf
	$(call say,OBJCOPY)
	$(Q)$(TARGET_OBJCOPY) --strip-all $< $@
$(BUILD)/%.c.o: %.c $(STAMP)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC64) $(KERNEL_FLAGS) -DCAIRN_VERSION='"$(VERSION)"' -c -o $@ $<
# Who looks at memory that may not be touched is not looked at.
$(addprefix $(BUILD)/kernel/mm/,address_sanitizer.c.o heap_debug.c.o): KERNEL_FLAGS += $(if $(filter address,$(SANITIZE)),-fno-sanitize=all)
$(BUILD)/%.asm.o: %.asm $(STAMP)
	@mkdir -p $(@D)
	$(call say,NASM)
	$(Q)$(NASM) -f elf64 -g -F dwarf -w+all -Ikernel/arch/x86_64/ -MD $(@:.o=.d) -MP -o $@ $<

# Host tools. The parts of mkimage are few and small: it is compiled whole.
MKIMAGE := $(BUILD)/mkimage
MKIMAGE_SRC := $(wildcard tools/mkimage*.c tools/device*.c) \
	$(addprefix kernel/lib/,config.c crc32c.c elf64.c format.c image.c lz4.c sha256.c)
HOST_HEADERS := $(wildcard tools/*.h kernel/lib/*.h include/format/*.h)
$(MKIMAGE): $(MKIMAGE_SRC) $(HOST_HEADERS) $(STAMP)
	$(call say,HOSTCC)
	$(Q)$(HOSTCC) $(HOST_FLAGS) -o $@ $(MKIMAGE_SRC)

# Images. With LINES=1 they also hold source lines, for reports of faults to name; cairn.img has the configuration in the
# file CONFIG, if there is one.
MODULES_STAMP := $(BUILD)/modules
$(MODULES_STAMP): FORCE
	@echo '$(LINES)' | cmp -s - $@ || echo '$(LINES)' > $@
CONFIG_STAMP := $(BUILD)/configuration
$(CONFIG_STAMP): FORCE
	@echo '$(CONFIG)' | cmp -s - $@ || echo '$(CONFIG)' > $@
$(BUILD)/%.lines: $(BUILD)/%.elf tools/lines.py tools/kernel_elf.py
	$(call say,LINES)
	$(Q)$(PYTHON) tools/lines.py $< $@ $(TARGET_NM)
IMAGE_PARTS := $(BUILD)/stage1.bin $(BUILD)/stage2.bin
$(IMAGE): $(MKIMAGE) $(IMAGE_PARTS) $(BUILD)/kernel.bin $(if $(LINES),$(BUILD)/kernel.lines) $(MODULES_STAMP) $(CONFIG) $(CONFIG_STAMP)
	$(call say,IMAGE)
	$(Q)CONFIG='$(CONFIG)' tools/make_image.sh $(MKIMAGE) $@ $(IMAGE_PARTS) $(BUILD)/kernel.bin '' $(LINES:%=lines=$(BUILD)/kernel.lines)
$(BUILD)/test.img: $(MKIMAGE) $(IMAGE_PARTS) $(BUILD)/test.bin $(if $(LINES),$(BUILD)/test.lines) $(MODULES_STAMP)
	$(call say,IMAGE)
	$(Q)tools/make_image.sh $(MKIMAGE) $@ $(IMAGE_PARTS) $(BUILD)/test.bin test $(LINES:%=lines=$(BUILD)/test.lines)

# ---- tests on the host ------------------------------------------------------------------------------------------------

# tests/unit/test_X.c is a program of its own. UNIT_NEEDS_X: the files under test; UNIT_FLAGS_X: flags for it and them
# ($(UNIT_ARCH) where they use the CPU: then tests/unit/host_arch.c belongs to UNIT_NEEDS_X).
# UNIT_INCLUDES_X: files under test that the test itself includes.
UNIT_FLAGS := -std=gnu11 -g $(WARN) -Iinclude -Ikernel -Itests/unit -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
UNIT_ARCH := -include tests/unit/host_arch.h -Ikernel/arch/x86_64
# To optimise takes longer than to run most of them. These compute for seconds, or look at who called an inline function.
UNIT_OPTIMISED := image framebuffer clock frames heap heap_debug
UNIT_NEEDS_acpi := kernel/lib/acpi.c kernel/lib/acpi_tables.c tests/unit/sample_acpi.c
UNIT_FLAGS_acpi := -DACPI_TABLES='"$(BUILD)/acpi"'
UNIT_NEEDS_crc32c := kernel/lib/crc32c.c
UNIT_NEEDS_sha256 := kernel/lib/sha256.c
# With liblz4 as the second opinion where it is.
HAS_LZ4 := $(wildcard /usr/include/lz4.h /usr/local/include/lz4.h /opt/homebrew/include/lz4.h)
UNIT_NEEDS_lz4 := kernel/lib/lz4.c
UNIT_LIBS_lz4 := $(if $(HAS_LZ4),-llz4)
$(BUILD)/unit/test_lz4: tools/mkimage_pack.c tools/mkimage_fail.c
UNIT_FLAGS_lz4 := -Itools
UNIT_NEEDS_elf64 := kernel/lib/elf64.c tests/unit/sample_elf64.c
UNIT_NEEDS_image := kernel/lib/image.c kernel/lib/crc32c.c tests/unit/sample_image.c
# Millions of checks: as fast as it can be, and on the image itself.
UNIT_NEEDS_verify := boot/stage2/verify.c $(addprefix kernel/lib/,image.c crc32c.c format.c)
UNIT_FLAGS_verify := -Iboot/stage2 -O2 -fno-sanitize=all -DIMAGE='"$(IMAGE)"'
$(BUILD)/unit/test_verify.run: $(IMAGE)
UNIT_NEEDS_chacha20 := kernel/lib/chacha20.c
UNIT_NEEDS_memory_map := boot/stage2/memory_map.c tests/unit/sample_memory_map.c
UNIT_FLAGS_memory_map := -Iboot/stage2
UNIT_NEEDS_kernel_place := boot/stage2/kernel_place.c kernel/lib/command_line.c $(UNIT_NEEDS_memory_map)
UNIT_FLAGS_kernel_place := -Iboot/stage2
UNIT_NEEDS_recorded_maps := $(UNIT_NEEDS_memory_map)
UNIT_FLAGS_recorded_maps := -Iboot/stage2 -DRECORDED_MAPS='"tests/data/e820"'
# What asks the firmware: the test's is behind it (tests/unit/host_stage2.c).
UNIT_STAGE2 := tests/unit/host_stage2.c kernel/lib/crc32c.c
UNIT_STAGE2_FLAGS := -include tests/unit/host_stage2.h -Iboot/stage2
UNIT_FLAGS_disk := $(UNIT_STAGE2_FLAGS)
UNIT_INCLUDES_disk := boot/stage2/disk.c
UNIT_NEEDS_raw_memory := boot/stage2/raw_memory.c $(UNIT_STAGE2)
UNIT_FLAGS_raw_memory := $(UNIT_STAGE2_FLAGS)
UNIT_NEEDS_config := boot/stage2/config.c $(addprefix kernel/lib/,config.c image.c format.c) tests/unit/sample_config.c $(UNIT_STAGE2)
UNIT_FLAGS_config := $(UNIT_STAGE2_FLAGS)
UNIT_NEEDS_menu := $(addprefix boot/stage2/,config.c $(addprefix menu_,canvas.c clock.c keys.c line.c picture.c serial.c state.c text.c view.c)) \
	$(addprefix kernel/lib/,config.c image.c format.c) tests/unit/sample_config.c $(UNIT_STAGE2)
UNIT_FLAGS_menu := $(UNIT_STAGE2_FLAGS)
UNIT_NEEDS_video_edid := boot/stage2/video_edid.c
UNIT_FLAGS_video_edid := -Iboot/stage2
UNIT_NEEDS_framebuffer := $(addprefix kernel/,drivers/framebuffer.c drivers/font.c dev/palette.c lib/cp437.c lib/character_table.c \
	lib/format.c)
UNIT_FLAGS_framebuffer := -Ikernel/arch/x86_64 -Wl,--wrap=font_start,--wrap=display_register,--wrap=describer_add \
	-Wl,--defsym=linker_fonts_start=0,--defsym=linker_fonts_end=0
UNIT_NEEDS_cp437 := kernel/lib/cp437.c kernel/lib/character_table.c
UNIT_NEEDS_video_mode := boot/stage2/video_mode.c tests/unit/sample_video_mode.c
UNIT_FLAGS_video_mode := -Iboot/stage2
UNIT_NEEDS_device_check := tools/device_check.c
UNIT_FLAGS_device_check := -Itools
UNIT_NEEDS_device_facts := tools/device_facts.c
UNIT_FLAGS_device_facts := -Itools
UNIT_NEEDS_string := kernel/lib/string.c
UNIT_FLAGS_string := $(foreach f,memcpy memmove memset memcmp strlen strnlen strcmp strncmp strchr,-D$f=cairn_$f)
UNIT_NEEDS_format := kernel/lib/format.c
UNIT_NEEDS_human_size := kernel/lib/human_size.c kernel/lib/format.c
UNIT_NEEDS_command_line := kernel/lib/command_line.c
UNIT_NEEDS_number := kernel/lib/number.c
UNIT_NEEDS_acpi_sleep := kernel/lib/acpi_sleep.c
UNIT_NEEDS_black_box := kernel/lib/black_box.c kernel/lib/log_ring.c
UNIT_NEEDS_log_ring := kernel/lib/log_ring.c
UNIT_NEEDS_log := $(addprefix kernel/,core/log.c lib/log_ring.c core/spinlock.c lib/format.c) tests/unit/host_arch.c
UNIT_FLAGS_log := $(UNIT_ARCH)
UNIT_NEEDS_monitor_command := kernel/core/monitor_command.c kernel/lib/format.c
UNIT_FLAGS_monitor_command := -Ikernel/arch/x86_64
UNIT_NEEDS_page_walk := kernel/core/page_walk.c kernel/lib/format.c
UNIT_FLAGS_page_walk := -Ikernel/arch/x86_64
UNIT_NEEDS_exceptions := kernel/core/exceptions.c kernel/lib/format.c
UNIT_FLAGS_exceptions := -Ikernel/arch/x86_64
UNIT_NEEDS_operand := kernel/core/operand.c
UNIT_FLAGS_operand := -Ikernel/arch/x86_64
UNIT_NEEDS_line_table := kernel/lib/line_table.c
UNIT_NEEDS_describer := kernel/core/describer.c
UNIT_NEEDS_random := kernel/core/random.c kernel/core/spinlock.c kernel/lib/chacha20.c tests/unit/host_arch.c
UNIT_FLAGS_random := $(UNIT_ARCH)
UNIT_NEEDS_spinlock := kernel/core/spinlock.c tests/unit/host_arch.c
UNIT_FLAGS_spinlock := $(UNIT_ARCH)
# What manages memory runs on a machine whose RAM is the test's; the frame database has an address that is free on the host.
UNIT_MEMORY := $(addprefix kernel/,mm/frames.c mm/buddy.c mm/chunk.c arch/x86_64/paging.c core/spinlock.c) \
	tests/unit/host_arch.c tests/unit/host_machine.c
UNIT_NEEDS_frames := $(UNIT_MEMORY)
UNIT_FLAGS_frames := $(UNIT_ARCH) -DCHUNK_DATABASE=0x200000000000ull
# The heap's frame allocations go through the test, which can let them fail.
UNIT_HEAP := $(wildcard kernel/mm/heap*.c) kernel/core/describer.c kernel/core/monitor_command.c tests/unit/host_owner.c tests/unit/host_commands.c kernel/lib/format.c $(UNIT_MEMORY)
UNIT_NEEDS_heap := $(UNIT_HEAP) $(addprefix kernel/,mm/memory_places.c mm/memory_map.c lib/human_size.c) tests/unit/heap_trace.c
UNIT_FLAGS_heap := $(UNIT_FLAGS_frames) -Wl,--wrap=frames_allocate
UNIT_NEEDS_heap_debug := $(UNIT_NEEDS_heap) tests/unit/host_output.c
UNIT_FLAGS_heap_debug := $(UNIT_FLAGS_heap) -DDEBUG
UNIT_NEEDS_paging := $(UNIT_MEMORY)
UNIT_FLAGS_paging := $(UNIT_FLAGS_frames)
UNIT_NEEDS_region := $(UNIT_MEMORY) $(addprefix kernel/,mm/region.c mm/kernel_map.c core/describer.c lib/format.c)
UNIT_FLAGS_region := $(UNIT_FLAGS_frames) -Wl,--wrap=frames_allocate
UNIT_NEEDS_boot_time := kernel/time/boot_time.c tests/unit/host_arch.c
UNIT_FLAGS_boot_time := $(UNIT_ARCH)
UNIT_NEEDS_boot_table := $(addprefix kernel/,time/boot_table.c core/monitor_command.c lib/format.c) tests/unit/host_output.c
UNIT_FLAGS_boot_table := $(UNIT_ARCH) -Wl,-T,tests/unit/tables.ld
UNIT_NEEDS_civil_date := kernel/time/civil_date.c
UNIT_NEEDS_wall_clock := kernel/time/wall_clock.c kernel/time/civil_date.c kernel/lib/format.c
UNIT_FLAGS_wall_clock := $(UNIT_ARCH)
UNIT_NEEDS_pci := $(addprefix kernel/,bus/pci.c bus/msi.c core/spinlock.c) tests/unit/host_arch.c
UNIT_FLAGS_pci := $(UNIT_ARCH) -include tests/unit/host_ports.h
UNIT_NEEDS_scancode := kernel/drivers/scancode.c
UNIT_KEYMAPS := kernel/drivers/keymap.c $(wildcard kernel/drivers/keymaps/*.c)
UNIT_NEEDS_keymap := kernel/drivers/key_state.c $(UNIT_KEYMAPS)
UNIT_NEEDS_key_state := $(UNIT_NEEDS_keymap)
UNIT_NEEDS_serial_keys := kernel/drivers/serial_keys.c kernel/lib/utf8.c $(UNIT_KEYMAPS)
UNIT_NEEDS_keyboard_bytes := $(UNIT_NEEDS_scancode) $(UNIT_NEEDS_keymap)
# The keyboard's task and its controller's driver, with an invented controller behind the ports.
UNIT_NEEDS_keyboard = $(UNIT_TASK) $(UNIT_NEEDS_keyboard_bytes) $(addprefix kernel/,drivers/keyboard.c drivers/i8042.c dev/driver.c \
	dev/input.c core/monitor_command.c lib/format.c task/timeout.c) tests/unit/host_output.c
UNIT_FLAGS_keyboard := $(UNIT_ARCH) -include tests/unit/host_ports.h -DDEBUG -ftrivial-auto-var-init=zero -Wl,-T,tests/unit/tables.ld
UNIT_NEEDS_serial = $(UNIT_TASK) $(UNIT_NEEDS_serial_keys) $(addprefix kernel/,drivers/serial.c drivers/serial_input.c dev/driver.c \
	dev/input.c core/monitor_command.c lib/format.c task/timeout.c) tests/unit/host_output.c
UNIT_FLAGS_serial := $(UNIT_FLAGS_keyboard)
UNIT_NEEDS_fair_queue := kernel/task/fair_queue.c
UNIT_FLAGS_fair_queue := -Ikernel/arch/x86_64
UNIT_NEEDS_timer := kernel/time/timer.c kernel/time/timer_queue.c kernel/core/spinlock.c tests/unit/host_arch.c
UNIT_FLAGS_timer := $(UNIT_ARCH)
# Tasks run on a machine with a clock that the test moves (tests/unit/host_task.c).
UNIT_TASK := $(addprefix kernel/,$(addprefix task/,executor.c future.c task.c stream.c semaphore.c mutex.c condition.c rwlock.c once.c \
	inheritance.c channel.c sleep.c yield.c select.c join.c timeout.c wait_graph.c slow_poll.c) \
	time/timer.c time/timer_queue.c core/run_queue.c core/spinlock.c lib/format.c) $(addprefix tests/unit/,host_arch.c host_thread.c host_task.c)
UNIT_NEEDS_task := $(UNIT_TASK)
UNIT_FLAGS_task := $(UNIT_ARCH) -DDEBUG -ftrivial-auto-var-init=zero
UNIT_NEEDS_async := $(UNIT_TASK) kernel/time/clock_source.c
UNIT_FLAGS_async := $(UNIT_FLAGS_task) -include tests/stress/chaos.h
UNIT_INCLUDES_async := kernel/task/tasks_command.c
UNIT_NEEDS_trace_json := $(addprefix kernel/,task/trace_json.c time/clock_source.c core/monitor_command.c lib/format.c) \
	$(addprefix tests/unit/,host_output.c host_arch.c)
UNIT_FLAGS_trace_json := $(UNIT_ARCH) -Wl,-T,tests/unit/tables.ld
UNIT_NEEDS_waiting := $(UNIT_TASK)
UNIT_FLAGS_waiting := $(UNIT_FLAGS_task)
UNIT_NEEDS_clock := kernel/time/clock.c kernel/time/clock_source.c kernel/core/spinlock.c tests/unit/host_arch.c
UNIT_FLAGS_clock := $(UNIT_ARCH)
UNIT_NEEDS_line_discipline := kernel/tty/line_discipline.c kernel/lib/utf8.c
UNIT_NEEDS_line_editor := $(addprefix kernel/,tty/line_editor.c tty/line_drawing.c tty/line_history.c lib/utf8.c lib/format.c)
UNIT_NEEDS_words := kernel/monitor/words.c
UNIT_NEEDS_pager := $(addprefix kernel/,monitor/pager.c monitor/collector.c lib/format.c lib/utf8.c)
UNIT_FLAGS_pager := -Ikernel/arch/x86_64
UNIT_LIBS_line_editor := $(if $(wildcard /usr/include/vterm.h),-lvterm)

UNIT_TERMINAL := $(addprefix kernel/,tty/terminal.c tty/terminal_cells.c tty/terminal_sequences.c tty/terminal_attributes.c \
	dev/cell.c dev/palette.c lib/utf8.c) tests/unit/host_format.c
UNIT_NEEDS_painter := kernel/tty/painter.c $(UNIT_TERMINAL)
UNIT_NEEDS_terminal := kernel/tty/painter.c $(UNIT_TERMINAL)
UNIT_NEEDS_utf8 := kernel/lib/utf8.c
UNIT_NEEDS_palette := kernel/dev/palette.c
# Without libvterm there is nothing to compare with, and the test says so.
HAS_VTERM := $(wildcard /usr/include/vterm.h /usr/local/include/vterm.h /opt/homebrew/include/vterm.h)
UNIT_NEEDS_vterm := $(UNIT_TERMINAL) $(if $(HAS_VTERM),tests/unit/vterm_pair.c tests/unit/vterm_words.c)
UNIT_LIBS_vterm := $(if $(HAS_VTERM),-lvterm)

UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
$(foreach t,$(UNIT:$(BUILD)/unit/test_%=%),$(eval $(BUILD)/unit/test_$t: $(UNIT_NEEDS_$t) $(UNIT_INCLUDES_$t)))
$(UNIT): $(BUILD)/unit/%: tests/unit/%.c $(HOST_HEADERS) $(wildcard tests/unit/*.h) $(STAMP)
	@mkdir -p $(@D)
	$(call say,HOSTCC)
	$(Q)$(HOSTCC) $(UNIT_FLAGS) -O$(if $(filter $(UNIT_OPTIMISED:%=test_%),$*),1,0) $(UNIT_FLAGS_$(*:test_%=%)) -o $@ \
		$(filter-out $(UNIT_INCLUDES_$(*:test_%=%)),$(filter %.c,$^)) -lcmocka $(UNIT_LIBS_$(*:test_%=%))
unit: $(UNIT:=.run)

# ACPI tables compiled by somebody else. Without iasl there are none, and the tests that want them say so.
ACPI_TABLES := $(patsubst tests/data/acpi/%.dsl,$(BUILD)/acpi/%.aml,$(wildcard tests/data/acpi/*.dsl))
$(ACPI_TABLES): $(BUILD)/acpi/%.aml: tests/data/acpi/%.dsl
	@mkdir -p $(@D)
	$(call say,IASL)
	$(Q)if command -v iasl >/dev/null; then iasl -p $(@:.aml=) $< >$@.log 2>&1 || { cat $@.log; exit 1; }; fi
$(BUILD)/unit/test_acpi.run: $(ACPI_TABLES)
$(UNIT:=.run): %.run: %
	@echo "== $<"; $<

# tests/fuzz/fuzz_X.c is a libFuzzer target, built like a unit test. FUZZ_SEED=N repeats a run that printed `Seed: N`.
# With FUZZ_RUNS=N the loader's parsers run N times instead of FUZZ_SECONDS long.
FUZZ_LOADER := image config elf64 lz4 memory_map black_box
FUZZ_RUNS ?=
FUZZ_SECONDS ?= 5
FUZZ_SEED ?= 0
FUZZ_CC ?= clang
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(foreach t,$(FUZZ:$(BUILD)/fuzz/fuzz_%=%),$(eval $(BUILD)/fuzz/fuzz_$t: $(UNIT_NEEDS_$t)))
# Without libFuzzer nothing is built, and tests/fuzz/run says so.
$(BUILD)/fuzz/compiler: FORCE
	@mkdir -p $(@D)
	@has=$$(tests/fuzz/has_libfuzzer '$(FUZZ_CC)'); [ "$$has" = "$$(cat $@ 2>/dev/null)" ] || echo "$$has" > $@
$(FUZZ): $(BUILD)/fuzz/%: tests/fuzz/%.c $(HOST_HEADERS) $(wildcard tests/unit/*.h tests/fuzz/*.h) $(STAMP) $(BUILD)/fuzz/compiler
	$(call say,FUZZCC)
	$(Q)! grep -qx yes $(BUILD)/fuzz/compiler || $(FUZZ_CC) $(UNIT_FLAGS) -fsanitize=fuzzer -O2 $(FUZZ_MORE) \
		$(UNIT_FLAGS_$(*:fuzz_%=%)) -o $@ $(filter %.c,$^) $(UNIT_LIBS_$(*:fuzz_%=%))
fuzz: $(FUZZ:=.run)
$(FUZZ:=.run): %.run: %
	@FUZZ_RUNS='$(FUZZ_RUNS)' FUZZ_COUNTED='$(FUZZ_LOADER)' tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ_SEED) $<

# Which lines of the parsers the fuzzers reach, in FUZZ_SECONDS for each.
fuzz-coverage:
	@$(PYTHON) tests/fuzz/coverage $(FUZZ_SECONDS) $(BUILD) $(notdir $(FUZZ))

# What is proved of tasks beyond their unit tests: models of them, explored by spin; what compilers say of mistakes; tasks
# on CPUs that are threads, plain and under sanitizers; and mistakes put into them on purpose, which those must find.
PROOFS := models misuse stress mutants
proofs: $(PROOFS:%=proofs-%)
proofs-models proofs-misuse:
	@$(PYTHON) tests/$(@:proofs-%=%)/run $(BUILD)

STRESS_plain := -O2
# Of a fence the thread sanitizer knows nothing: tests/models/queue.pml does.
STRESS_thread := -O1 -fsanitize=thread -Wno-unknown-warning-option -Wno-tsan
STRESS_address := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
STRESS_TESTED := $(filter kernel/%,$(UNIT_TASK))
STRESS_SRC := $(wildcard tests/stress/*.c) tests/unit/host_arch.c tests/unit/host_thread.c
STRESS_CPUS := $(addprefix kernel/,core/cross_call.c core/shootdown.c task/migration.c task/ready.c task/fair_queue.c task/placement.c)
# With the files under test from below another folder, for the mutants.
stress_command = $(HOSTCC) -std=gnu11 -g -DDEBUG -ftrivial-auto-var-init=zero $(WARN) -include tests/stress/chaos.h $(UNIT_ARCH) -I$1 -Iinclude -Ikernel -Itests/unit \
	$(STRESS_SRC) $(patsubst kernel/%,$1/%,$(STRESS_TESTED) $(STRESS_CPUS)) -lpthread
STRESS := $(addprefix $(BUILD)/stress/,plain thread address)
$(STRESS): $(BUILD)/stress/%: $(STRESS_SRC) $(STRESS_TESTED) $(STRESS_CPUS) $(wildcard kernel/task/*.h kernel/core/*.h tests/stress/*.h tests/unit/*.h) $(STAMP)
	@mkdir -p $(@D)
	$(call say,HOSTCC)
	$(Q)$(call stress_command,kernel) $(STRESS_$*) -o $@
proofs-stress: $(STRESS:=.run)
$(STRESS:=.run): %.run: %
	@echo "== $<"; $<
proofs-mutants:
	@$(PYTHON) tests/mutants/run $(BUILD) '$(call stress_command,@KERNEL@)' '$(STRESS_plain)' '$(STRESS_thread)'

# ---- tests of the whole ------------------------------------------------------------------------------------------------

# As many compilers at a time as there are processors, unless -j says how many.
build_all = @$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN)) all

# All layers, or those in LAYERS (unit, proofs, fuzz, boot). The last line says how many passed and failed.
test:
	$(build_all)
	@CAIRN_BUILD='$(BUILD)' $(PYTHON) tests/run $(LAYERS)

# The same for longer: a hundred times the random operations, ten million inputs for each of the loader's parsers and ten
# minutes for each other fuzzer, machines too large for every day.
campaign: FUZZ_SECONDS := $(if $(filter command% environment%,$(origin FUZZ_SECONDS)),$(FUZZ_SECONDS),600)
campaign: FUZZ_RUNS := $(or $(FUZZ_RUNS),10000000)
campaign:
	$(build_all)
	@CAIRN_CAMPAIGN=1 CAIRN_BUILD='$(BUILD)' FUZZ_SECONDS='$(FUZZ_SECONDS)' FUZZ_RUNS='$(FUZZ_RUNS)' $(PYTHON) tests/run $(LAYERS)

# The tables in docs/ that tests find the rows of.
tables: all
	@CAIRN_TABLES=1 CAIRN_CAMPAIGN=1 CAIRN_BUILD='$(BUILD)' $(PYTHON) -m pytest -q -m table tests/boot

# Figures: bytes, instructions, processor time, memory. The parts stand alone, too.
bench: all $(BUILD)/bench/heap $(BUILD)/bench/async
	@CAIRN_BUILD='$(BUILD)' $(PYTHON) tests/bench/boot.py
	@CAIRN_BUILD='$(BUILD)' $(PYTHON) tests/bench/ledger.py
	@CAIRN_BUILD='$(BUILD)' $(PYTHON) tests/bench/instructions.py
	@CAIRN_BUILD='$(BUILD)' $(PYTHON) tests/bench/loading.py
	@CAIRN_BUILD='$(BUILD)' $(PYTHON) tests/bench/guest.py
	@CAIRN_BUILD='$(BUILD)' $(PYTHON) tests/bench/interrupts_off.py
	@CAIRN_BUILD='$(BUILD)' $(PYTHON) tests/bench/smp.py
	@CAIRN_BUILD='$(BUILD)' HOSTCC='$(HOSTCC)' $(PYTHON) tests/bench/console.py
	@$(BUILD)/bench/heap
	@CAIRN_BUILD='$(BUILD)' $(PYTHON) tests/bench/async.py

# The heap for the host, as fast as it can be, and what it is compared with.
$(BUILD)/bench/heap: $(addprefix tests/bench/,heap.c trace.c first_fit.c) $(UNIT_HEAP) $(HOST_HEADERS) $(wildcard tests/*/*.h) $(STAMP)
	@mkdir -p $(@D)
	$(call say,HOSTCC)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -g $(WARN) -Iinclude -Ikernel -Itests/unit $(UNIT_FLAGS_frames) -o $@ $(filter %.c,$^)

# Tasks for the host, too, and the design that they are compared with.
$(BUILD)/bench/async: tests/bench/async.c tests/kernel/reference.c $(STRESS_TESTED) tests/unit/host_arch.c tests/unit/host_thread.c $(wildcard kernel/*/*.h tests/*/*.h) $(STAMP)
	@mkdir -p $(@D)
	$(call say,HOSTCC)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -g $(WARN) -DHOST_TSC $(UNIT_ARCH) -Iinclude -Ikernel -Itests/unit -o $@ $(filter %.c,$^)

# What can be proved without starting the system: format, layers, names in the documents, warnings, machine code.
check:
	@BUILD='$(BUILD)' PYTHON='$(PYTHON)' tools/check.sh

# How each file is compiled, for editors and for tools made of clang.
compile_commands.json: FORCE
	@$(MAKE) -nB all | $(PYTHON) tools/compile_commands.py > $@.part
	@mv $@.part $@

# ---- running ---------------------------------------------------------------------------------------------------------

run: $(IMAGE)
	@MEM='$(MEM)' SMP='$(SMP)' QEMUFLAGS='$(QEMUFLAGS)' tools/run.sh $(IMAGE)

# The same under a debugger: QEMU with gdb, Bochs with its own (docs/debugging.md).
debug: $(IMAGE)
	@MEM='$(MEM)' SMP='$(SMP)' QEMUFLAGS='$(QEMUFLAGS)' tools/debug.sh $(BUILD)
bochs: $(IMAGE)
	@MEM='$(MEM)' tools/bochs.sh $(BUILD)

# The image on a stick. Where only the administrator may write to it, SUDO is asked; without DEV the disks are listed.
SUDO ?= sudo
usb: $(IMAGE)
	@DEV='$(subst ','\'',$(DEV))'; set x $(MKIMAGE) write $(IMAGE) $${DEV:+"$$DEV"} $(USBFLAGS); shift; \
	if [ -b "$$DEV" ] && [ ! -w "$$DEV" ]; then set x $(SUDO) "$$@"; shift; echo "$$*"; fi; "$$@"

# What is handed out: image, symbols, check values.
dist: $(IMAGE)
	@tools/make_dist.sh $(BUILD) $(VERSION) $(BUILD)/dist

# What a kernel said, with source lines: of the file LOG, or of standard input.
where:
	@$(PYTHON) tools/where.py $(BUILD) $(if $(LOG),'$(subst ','\'',$(LOG))')

# binutils and gcc for x86_64-elf, into build/toolchain (docs/toolchain.md). `make clean` leaves them alone.
toolchain:
	@tools/toolchain.sh

#: make                         the disk image build/cairn.img and the image of the tests, build/test.img
#: make run                     start it in QEMU             (MEM=128 MiB, SMP=1 CPU, QEMUFLAGS=more options)
#: make test                    all tests                    (LAYERS="unit proofs fuzz boot")
#: make check                   what can be proved without starting it
#: make campaign                the same tests for longer    (some hours)
#: make tables                  rewrite the tables in docs/disks.md with what starts from what
#: make fuzz-coverage           which lines of the parsers the fuzzers reach (FUZZ_SECONDS=20)
#: make bench                   figures: bytes, instructions, processor time, memory
#: make debug                   QEMU stopped at its first instruction, gdb attached, with symbols
#: make bochs                   Bochs with its debugger, with breakpoints at each stage
#: make where LOG=file          a report of a fault, with source lines (without LOG: standard input)
#: make usb DEV=/dev/sdX        put the image on a stick     (asks before; without DEV: lists the disks)
#: make dist                    what can be handed out, in build/dist: image, symbols, SHA256SUMS
#: make toolchain               build a compiler for it      (about a quarter of an hour)
#: make compile_commands.json   tell editors how files are compiled
#: make clean                   remove what was built, except the compiler
#: SANITIZE=undefined, address  a kernel that checks itself while it runs, in one way or both (with BUILD=build/undefined, to keep both)
#: DEBUG=1                      a kernel whose heap guards every block (with BUILD=build/debug, to keep both)
#: FONT=file.psf                a console font for the framebuffer, instead of the video ROM's
#: CONFIG=FILE                  an image with this configuration (docs/configuration.md)
#: LINES=1                      images whose kernels name source lines in their reports themselves
#: CC=clang, CC=gcc, CC=...     another compiler; WERROR=1 stops at warnings
help:
	@sed -n 's/^#: //p' Makefile

clean:
	@[ ! -e $(BUILD) ] || [ -e $(STAMP) ] || [ -e $(BUILD)/toolchain ] || \
		{ echo 'make clean: $(BUILD) was not made by this Makefile, left alone' >&2; exit 1; }
	rm -rf $(filter-out $(BUILD)/toolchain,$(wildcard $(BUILD)/*)) compile_commands.json

FORCE:
.PHONY: all unit $(UNIT:=.run) proofs $(PROOFS:%=proofs-%) $(STRESS:=.run) fuzz $(FUZZ:=.run) fuzz-coverage test campaign tables bench check run debug bochs usb dist where toolchain help clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(BUILD) \( -path '$(BUILD)/toolchain' -o -path '$(BUILD)/check-*' \) -prune -o -name '*.d' -print 2>/dev/null)
