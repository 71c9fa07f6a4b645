/* The reader of ACPI tables: on tables that iasl compiled, on good ones made here, and on those wrong in one way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "sample_acpi.h"

static uint8_t bytes[SAMPLE_ACPI_SIZE];
static struct sample_acpi memory;
static struct acpi_info info;

static int fresh(void **state)
{
	(void)state;
	sample_acpi_fill(bytes);
	memory = (struct sample_acpi){.count = 0};
	sample_acpi_put(&memory, SAMPLE_ACPI_BASE, bytes, sizeof(bytes));
	return 0;
}

static bool read_all(void)
{
	bool found = sample_acpi_read(&memory, SAMPLE_ACPI_BASE, &info);

	assert_null(sample_acpi_judge(&info));
	return found;
}

/* After a change: only this table is refused, for this reason. */
static void expect_refused(const char *signature, const char *why)
{
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(memory.refused, 1);
	assert_string_equal(memory.signature, signature);
	assert_string_equal(memory.why, why);
}

static bool is_zero(const void *data, size_t size)
{
	const uint8_t *b = data;

	for (size_t i = 0; i < size; i++) {
		if (b[i] != 0)
			return false;
	}
	return true;
}

/* ---- tables by iasl ---- */

#define TABLE_SIZE_MAX 1024

struct compiled {
	uint8_t bytes[TABLE_SIZE_MAX];
	size_t size;
};

static void load(struct compiled *table, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.aml", ACPI_TABLES, name);
	file = fopen(path, "rb");
	if (file == NULL) {
		print_message("%s is not there: is iasl installed? (tools/setup.sh)\n", path);
		skip();
	}
	table->size = fread(table->bytes, 1, sizeof(table->bytes), file);
	fclose(file);
}

static void load_checked(struct compiled *table, const char *name)
{
	load(table, name);
	assert_null(acpi_check_table(table->bytes, table->size));
}

static void expect_line(const struct acpi_line *line, uint32_t gsi, uint8_t polarity, uint8_t trigger)
{
	assert_int_equal(line->gsi, gsi);
	assert_int_equal(line->polarity, polarity);
	assert_int_equal(line->trigger, trigger);
}

static void iasl_madt(void **state)
{
	struct compiled table;
	struct acpi_madt madt;

	(void)state;
	load_checked(&table, "madt");
	assert_null(acpi_read_madt(table.bytes, table.size, &madt));
	assert_int_equal(madt.local_apic, 0xfee00000);
	assert_true(madt.has_8259);
	assert_int_equal(madt.cpu_count, 2);
	assert_int_equal(madt.cpus[1].apic_id, 1);
	assert_int_equal(madt.io_apic_count, 1);
	assert_int_equal(madt.io_apics[0].address, 0xfec00000);
	assert_int_equal(madt.io_apics[0].gsi_base, 0);
	expect_line(&madt.isa[0], 2, ACPI_POLARITY_CONFORMS, ACPI_TRIGGER_CONFORMS);
	expect_line(&madt.isa[1], 1, ACPI_POLARITY_CONFORMS, ACPI_TRIGGER_CONFORMS);
	expect_line(&madt.isa[11], 11, ACPI_POLARITY_HIGH, ACPI_TRIGGER_LEVEL);
	assert_int_equal(madt.nmi_count, 1);
	assert_int_equal(madt.nmis[0].uid, ACPI_ALL_CPUS);
	assert_int_equal(madt.nmis[0].pin, 1);
	assert_int_equal(madt.left_out, 0);
}

static void iasl_madt_every_entry(void **state)
{
	struct compiled table;
	struct acpi_madt madt;

	(void)state;
	load_checked(&table, "madt_every_entry");
	assert_null(acpi_read_madt(table.bytes, table.size, &madt));
	assert_int_equal(madt.local_apic, 0x12fee00000);
	assert_false(madt.has_8259);
	assert_int_equal(madt.cpu_count, 2);
	assert_int_equal(madt.cpus[0].uid, 7);
	assert_int_equal(madt.cpus[0].apic_id, 4);
	assert_int_equal(madt.cpus[1].uid, 0x200);
	assert_int_equal(madt.cpus[1].apic_id, 0x123);
	assert_int_equal(madt.io_apic_count, 2);
	assert_int_equal(madt.io_apics[1].id, 9);
	assert_int_equal(madt.io_apics[1].address, 0xfec01000);
	assert_int_equal(madt.io_apics[1].gsi_base, 0x18);
	expect_line(&madt.isa[9], 0x18, ACPI_POLARITY_LOW, ACPI_TRIGGER_LEVEL);
	assert_int_equal(madt.nmi_count, 2);
	assert_int_equal(madt.nmis[0].uid, 7);
	assert_int_equal(madt.nmis[0].pin, 0);
	assert_int_equal(madt.nmis[0].polarity, ACPI_POLARITY_HIGH);
	assert_int_equal(madt.nmis[0].trigger, ACPI_TRIGGER_EDGE);
	assert_int_equal(madt.nmis[1].uid, ACPI_ALL_CPUS);
	assert_int_equal(madt.nmis[1].pin, 1);
	assert_int_equal(madt.nmis[1].polarity, ACPI_POLARITY_LOW);
	assert_int_equal(madt.nmis[1].trigger, ACPI_TRIGGER_LEVEL);
}

static void iasl_fadt(void **state)
{
	struct compiled table;
	struct acpi_fadt fadt;

	(void)state;
	load_checked(&table, "fadt_1");
	assert_null(acpi_read_fadt(table.bytes, table.size, &fadt));
	assert_true(fadt.is_present);
	assert_int_equal(fadt.revision, 1);
	assert_int_equal(fadt.century, 0x32);
	assert_int_equal(fadt.sci, 9);
	assert_int_equal(fadt.boot_flags, 0);
	assert_int_equal(fadt.pm_timer.port, 0x608);
	assert_int_equal(fadt.pm_timer.address, 0);
	assert_false(fadt.pm_timer.is_32_bit);
	assert_int_equal(fadt.dsdt, 0x07fe0040);
	assert_int_equal(fadt.pm1_control[0], 0x604);
	assert_int_equal(fadt.pm1_control[1], 0);
	assert_int_equal(fadt.smi_port, 0xb2);
	assert_int_equal(fadt.reset.address, 0);

	load_checked(&table, "fadt_3");
	assert_null(acpi_read_fadt(table.bytes, table.size, &fadt));
	assert_int_equal(fadt.revision, 3);
	assert_int_equal(fadt.sci, 20);
	assert_int_equal(fadt.boot_flags, ACPI_BOOT_NO_MSI);
	assert_int_equal(fadt.pm_timer.port, 0);
	assert_int_equal(fadt.pm_timer.address, 0xfed40008);
	assert_true(fadt.pm_timer.is_32_bit);
	assert_int_equal(fadt.dsdt, 0x07fe0040);
	assert_int_equal(fadt.pm1_control[0], 0x604);
	assert_int_equal(fadt.smi_enable, 2);
	assert_true(fadt.reset.is_ports);
	assert_int_equal(fadt.reset.address, 0xcf9);
	assert_int_equal(fadt.reset.value, 0x0f);
}

static void iasl_hpet_and_mcfg(void **state)
{
	struct compiled table;
	struct acpi_hpet hpet;
	struct acpi_mcfg mcfg;

	(void)state;
	load_checked(&table, "hpet");
	assert_null(acpi_read_hpet(table.bytes, table.size, &hpet));
	assert_int_equal(hpet.address, 0xfed00000);
	assert_int_equal(hpet.minimum_tick, 0x3123);
	assert_int_equal(hpet.number, 1);

	load_checked(&table, "mcfg");
	assert_null(acpi_read_mcfg(table.bytes, table.size, &mcfg));
	assert_int_equal(mcfg.count, 2);
	assert_int_equal(mcfg.segments[0].address, 0xb0000000);
	assert_int_equal(mcfg.segments[0].last_bus, 255);
	assert_int_equal(mcfg.segments[1].address, 0x4000000000);
	assert_int_equal(mcfg.segments[1].number, 1);
	assert_int_equal(mcfg.segments[1].first_bus, 0x10);
}

/* The addresses are those in rsdp.dsl, rsdt.dsl and xsdt.dsl. */
static void put_compiled(struct compiled tables[7])
{
	static const struct {
		const char *name;
		uint64_t at;
	} places[] = {{"rsdp", 0xf5000}, {"rsdt", 0x1000}, {"xsdt", 0x1800}, {"madt", 0x2000}, {"fadt_3", 0x3000},
	        {"hpet", 0x4000}, {"mcfg", 0x5000}};

	memory = (struct sample_acpi){.count = 0};
	for (int i = 0; i < 7; i++) {
		load(&tables[i], places[i].name);
		sample_acpi_put(&memory, places[i].at, tables[i].bytes, tables[i].size);
	}
}

static void iasl_whole_machine(void **state)
{
	static struct compiled tables[7];

	(void)state;
	put_compiled(tables);
	assert_true(sample_acpi_read(&memory, 0xf5000, &info));
	assert_int_equal(info.tables, 5);
	assert_int_equal(info.madt.cpu_count, 2);
	assert_int_equal(info.fadt.sci, 20);
	assert_int_equal(info.hpet.address, 0xfed00000);
	assert_int_equal(info.mcfg.count, 2);
	assert_int_equal(memory.refused, 1); /* the one where there is no memory */
	assert_string_equal(memory.signature, "????");

	tables[2].bytes[20]++; /* the XSDT: the RSDT says the same */
	memory.refused = 0;
	assert_true(sample_acpi_read(&memory, 0xf5000, &info));
	assert_int_equal(info.tables, 4);
	assert_int_equal(info.madt.cpu_count, 2);
	assert_int_equal(memory.refused, 1);
	assert_string_equal(memory.signature, "XSDT");
}

/* ---- the root ---- */

static void good_tables(void **state)
{
	(void)state;
	assert_true(read_all());
	assert_int_equal(memory.refused, 0);
	assert_int_equal(memory.found, 5);
	assert_int_equal(info.tables, 5);
	assert_int_equal(info.madt.cpu_count, 2);
	assert_int_equal(info.madt.nmi_count, 2);
	expect_line(&info.madt.isa[0], 2, ACPI_POLARITY_CONFORMS, ACPI_TRIGGER_CONFORMS);
	assert_int_equal(info.fadt.century, 0x32);
	assert_int_equal(info.fadt.boot_flags, ACPI_BOOT_KEYBOARD);
	assert_int_equal(info.fadt.pm_timer.port, 0x608);
	assert_true(info.fadt.pm_timer.is_32_bit);
	assert_int_equal(info.hpet.minimum_tick, 100);
	assert_int_equal(info.mcfg.count, 1);
}

static struct acpi_rsdp_layout *rsdp(void)
{
	return (void *)bytes;
}

static void root_of_acpi_1(void **state)
{
	(void)state;
	rsdp()->revision = 0;
	memset(bytes + 20, 0xff, 16); /* other things stand there */
	bytes[SAMPLE_XSDT]++;
	sample_acpi_seal(bytes);
	memset(bytes + 20, 0xff, 16);
	assert_true(read_all());
	assert_int_equal(memory.refused, 0);
	assert_int_equal(info.tables, 5);
	assert_int_equal(info.hpet.minimum_tick, 100);
}

static void root_pointer_is_wrong(void **state)
{
	(void)state;
	rsdp()->checksum++;
	assert_false(read_all());
	assert_string_equal(memory.why, "its checksum is wrong");
	fresh(NULL);
	rsdp()->signature[7] = 'X';
	assert_false(read_all());
	assert_string_equal(memory.why, "its signature is another");
	fresh(NULL);
	assert_false(sample_acpi_read(&memory, 0x800, &info));
	assert_string_equal(memory.why, "it lies where nothing can be read");
	assert_true(is_zero(&info, sizeof(info)));
	assert_false(sample_acpi_read(&memory, UINT64_MAX - 5, &info));
	rsdp()->rsdt = 0;
	rsdp()->xsdt = 0;
	sample_acpi_seal(bytes);
	assert_false(read_all());
	assert_string_equal(memory.why, "it names no other table");
}

/* What is wrong in the second part of the root pointer leaves the first. */
static void second_part_is_wrong(void **state)
{
	(void)state;
	rsdp()->extended_checksum++;
	assert_true(read_all());
	assert_string_equal(memory.why, "its second checksum is wrong");
	assert_int_equal(info.madt.cpu_count, 2);
	fresh(NULL);
	rsdp()->length = 35;
	expect_refused("RSDP", "its second part is cut off");
	fresh(NULL);
	rsdp()->length = 0x40001;
	expect_refused("RSDP", "it claims to be too long");
	fresh(NULL);
	rsdp()->xsdt = 0;
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(memory.refused, 0);
	assert_int_equal(info.madt.cpu_count, 2);
}

static void both_roots_are_wrong(void **state)
{
	(void)state;
	bytes[SAMPLE_XSDT + 40]++;
	bytes[SAMPLE_RSDT + 40]++;
	assert_false(read_all());
	assert_int_equal(memory.refused, 2);
	assert_true(is_zero(&info, sizeof(info)));
}

static void point_at(unsigned int index, uint64_t address)
{
	memcpy(bytes + SAMPLE_XSDT + 36 + 8 * index, &address, 8);
}

/* A root that names itself, and the root pointer, is walked once. */
static void root_names_itself(void **state)
{
	(void)state;
	point_at(0, SAMPLE_ACPI_BASE + SAMPLE_XSDT);
	point_at(4, SAMPLE_ACPI_BASE);
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(memory.refused, 0);
	assert_int_equal(info.madt.cpu_count, 2);
	assert_int_equal(info.mcfg.count, 0);
}

/* Of two tables of a kind the first counts: here twice the same, which would else be twice as many CPUs. */
static void table_is_named_twice(void **state)
{
	(void)state;
	point_at(0, SAMPLE_ACPI_BASE + SAMPLE_MADT);
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(memory.refused, 0);
	assert_int_equal(info.madt.cpu_count, 2);
}

/* Nor is a second one of another kind looked at, however wrong it is. */
static void second_of_another_kind(void **state)
{
	static uint8_t other[56];

	(void)state;
	memcpy(other, bytes + SAMPLE_HPET, sizeof(other));
	other[50]++;
	sample_acpi_put(&memory, 0x100000, other, sizeof(other));
	point_at(4, 0x100000);
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(memory.refused, 0);
	assert_int_equal(info.hpet.minimum_tick, 100);
}

/* Of two, of which the first is wrong, the second. */
static void second_table_is_good(void **state)
{
	static uint8_t other[512];

	(void)state;
	memcpy(other, bytes + SAMPLE_MADT, sizeof(other));
	bytes[SAMPLE_MADT + 40]++;
	sample_acpi_put(&memory, 0x100000, other, sizeof(other));
	point_at(4, 0x100000);
	assert_true(read_all()); /* by the RSDT, for the XSDT is not sealed */
	sample_acpi_seal(bytes);
	bytes[SAMPLE_MADT + 40]++;
	memory.refused = 0;
	assert_true(read_all());
	assert_int_equal(memory.refused, 1);
	assert_string_equal(memory.why, "its checksum is wrong");
	assert_int_equal(info.madt.cpu_count, 2);
}

static void tables_out_of_reach(void **state)
{
	(void)state;
	point_at(1, UINT64_MAX - 10);
	expect_refused("????", "it lies where nothing can be read");
	assert_false(info.fadt.is_present);
	fresh(NULL);
	point_at(1, SAMPLE_ACPI_BASE + SAMPLE_ACPI_SIZE - 35);
	expect_refused("????", "it lies where nothing can be read");
}

/* A table that shares bytes with another is read like any other: here the HPET begins inside the MADT. */
static void tables_overlap(void **state)
{
	struct acpi_madt_layout *madt = (void *)(bytes + SAMPLE_MADT);

	(void)state;
	memcpy(bytes + SAMPLE_MADT + 256, bytes + SAMPLE_HPET, 56);
	bytes[SAMPLE_MADT + 254] = 0x80; /* an entry of the OEM's that holds it */
	bytes[SAMPLE_MADT + 255] = 58;
	bytes[SAMPLE_MADT + madt->header.length] = 0x80;
	bytes[SAMPLE_MADT + madt->header.length + 1] = (uint8_t)(254 - madt->header.length);
	madt->header.length = 256 + 56;
	point_at(3, SAMPLE_ACPI_BASE + SAMPLE_MADT + 256);
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(memory.refused, 0);
	assert_int_equal(info.madt.cpu_count, 2);
	assert_int_equal(info.hpet.minimum_tick, 100);
}

/* ---- one table ---- */

static struct acpi_header_layout *header(enum sample_acpi_place place)
{
	return (void *)(bytes + place);
}

static void length_is_nonsense(void **state)
{
	(void)state;
	header(SAMPLE_HPET)->length = 0;
	expect_refused("HPET", "it claims to be shorter than its header");
	fresh(NULL);
	header(SAMPLE_HPET)->length = 35;
	expect_refused("HPET", "it claims to be shorter than its header");
	fresh(NULL);
	header(SAMPLE_HPET)->length = 0x40001;
	expect_refused("HPET", "it claims to be too long");
	fresh(NULL);
	header(SAMPLE_HPET)->length = 0x40000;
	expect_refused("HPET", "it ends where nothing can be read");
	assert_string_equal(acpi_check_table(bytes, 35), "its header is cut off");
	assert_string_equal(acpi_check_table(bytes + SAMPLE_FADT, 243), "it is cut off");
}

static void tables_are_too_short(void **state)
{
	static const struct {
		enum sample_acpi_place place;
		const char *signature;
		uint32_t least;
	} tables[] = {{SAMPLE_MADT, "APIC", 44}, {SAMPLE_FADT, "FACP", 116}, {SAMPLE_HPET, "HPET", 56},
	        {SAMPLE_MCFG, "MCFG", 44}};

	(void)state;
	for (int i = 0; i < 4; i++) {
		fresh(NULL);
		header(tables[i].place)->length = tables[i].least - 1;
		expect_refused(tables[i].signature, "it is too short");
		fresh(NULL);
		header(tables[i].place)->length = tables[i].least;
		sample_acpi_seal(bytes);
		assert_true(read_all());
		assert_int_equal(memory.refused, 0);
	}
}

/* The first entry of the MADT. */
static uint8_t *entry(void)
{
	return bytes + SAMPLE_MADT + sizeof(struct acpi_madt_layout);
}

static void entry_lengths(void **state)
{
	static const uint8_t types[][2] = {{0, 8}, {1, 12}, {2, 10}, {4, 6}, {5, 12}, {9, 16}, {10, 12}};

	(void)state;
	for (int length = 0; length < 2; length++) {
		fresh(NULL);
		entry()[1] = (uint8_t)length;
		expect_refused("APIC", "an entry in it has no possible length");
		assert_true(is_zero(&info.madt, sizeof(info.madt)));
	}
	for (int i = 0; i < 7; i++) { /* an entry that is alone in the table, and one byte too short */
		fresh(NULL);
		memset(entry(), 0, 16);
		entry()[0] = types[i][0];
		entry()[1] = types[i][1] - 1;
		header(SAMPLE_MADT)->length = 44u + types[i][1] - 1;
		expect_refused("APIC", "an entry in it is too short");
		entry()[1] = types[i][1];
		memory.refused = 0;
		expect_refused("APIC", "an entry in it has no possible length"); /* longer than what is left */
		header(SAMPLE_MADT)->length++;
		memory.refused = 0;
		sample_acpi_seal(bytes);
		assert_true(read_all());
		assert_int_equal(memory.refused, 0);
	}
	fresh(NULL);
	header(SAMPLE_MADT)->length -= 11; /* one byte is left of the last entry */
	expect_refused("APIC", "an entry in it has no possible length");
}

/* Real machines have such: they are left out, and the rest of the table counts. */
static void entries_that_cannot_be(void **state)
{
	static const uint8_t entries[][12] = {
	        {2, 10, 0, 16}, {2, 10, 1, 3}, {4, 6, 0xff, 0, 0, 2}, {10, 12, 0, 0, 0, 0, 0, 0, 2}};

	(void)state;
	for (int i = 0; i < 4; i++) {
		fresh(NULL);
		memcpy(entry(), entries[i], entries[i][1]);
		header(SAMPLE_MADT)->length = 44u + entries[i][1];
		sample_acpi_seal(bytes);
		assert_true(read_all());
		assert_int_equal(memory.refused, 0);
		assert_int_equal(info.madt.left_out, 1);
		assert_int_equal(info.madt.nmi_count, 0);
	}
}

/* A table with `count` times the same entry. */
static void read_many(const uint8_t *of, unsigned int count, struct acpi_madt *madt)
{
	static uint8_t table[8192];

	memset(table, 0, sizeof(table));
	for (unsigned int i = 0; i < count; i++)
		memcpy(table + 44 + of[1] * i, of, of[1]);
	assert_null(acpi_read_madt(table, 44 + (size_t)of[1] * count, madt));
}

static void more_than_there_is_room_for(void **state)
{
	static const uint8_t cpu[] = {0, 8, 0, 0, 1, 0, 0, 0}, io_apic[12] = {1, 12}, nmi[6] = {4, 6};
	struct acpi_madt madt;

	(void)state;
	read_many(cpu, 300, &madt);
	assert_int_equal(madt.cpu_count, ACPI_CPUS_MAX);
	assert_int_equal(madt.left_out, 300 - ACPI_CPUS_MAX);
	read_many(io_apic, 17, &madt);
	assert_int_equal(madt.io_apic_count, ACPI_IO_APICS_MAX);
	assert_int_equal(madt.left_out, 1);
	read_many(nmi, 18, &madt);
	assert_int_equal(madt.nmi_count, ACPI_NMIS_MAX);
	assert_int_equal(madt.left_out, 2);
}

static void pm_timer(void **state)
{
	struct acpi_fadt_layout *fadt = (void *)(bytes + SAMPLE_FADT);

	(void)state;
	fadt->extended_pm_timer.address = 0x10608; /* no port has that number: the plain one counts */
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(info.fadt.pm_timer.port, 0x608);
	fadt->extended_pm_timer.address = 0xffff;
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(info.fadt.pm_timer.port, 0xffff);
	fadt->header.revision = 2;
	fadt->extended_pm_timer.address = 0x708;
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(info.fadt.pm_timer.port, 0x708);
	assert_int_equal(info.fadt.boot_flags, ACPI_BOOT_KEYBOARD); /* revision 2 has them */
	fadt->extended_pm_timer.space = 2;                          /* PCI configuration: the plain one */
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(info.fadt.pm_timer.port, 0x608);
	fadt->pm_timer_length = 0; /* there is none */
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_true(info.fadt.is_present);
	assert_true(is_zero(&info.fadt.pm_timer, sizeof(info.fadt.pm_timer)));
}

static void expect_reset(uint32_t flags, uint8_t space, uint64_t address, uint64_t expected)
{
	struct acpi_fadt_layout *fadt = (void *)(bytes + SAMPLE_FADT);

	fadt->flags = flags;
	fadt->reset = (struct acpi_address_layout){space, 8, 0, 1, address};
	fadt->reset_value = 6;
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(info.fadt.reset.address, expected);
	assert_int_equal(info.fadt.reset.is_ports, expected != 0 && space == ACPI_SPACE_PORTS);
	assert_int_equal(info.fadt.reset.value, expected != 0 ? 6 : 0);
}

static void reset_register(void **state)
{
	(void)state;
	expect_reset(ACPI_FADT_RESET, ACPI_SPACE_PORTS, 0xcf9, 0xcf9);
	expect_reset(ACPI_FADT_TIMER_32_BIT, ACPI_SPACE_PORTS, 0xcf9, 0);
	expect_reset(ACPI_FADT_RESET, ACPI_SPACE_PORTS, 0x10cf9, 0); /* no port has that number */
	expect_reset(ACPI_FADT_RESET, ACPI_SPACE_MEMORY, 0xfed10cf9, 0xfed10cf9);
	expect_reset(ACPI_FADT_RESET, 2, 0xcf9, 0); /* PCI configuration */
}

static void pm1_control(void **state)
{
	struct acpi_fadt_layout *fadt = (void *)(bytes + SAMPLE_FADT);

	(void)state;
	fadt->pm1_control[0] = 0x604;
	fadt->pm1_control[1] = 0x10604; /* no port has that number */
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(info.fadt.pm1_control[0], 0x604);
	assert_int_equal(info.fadt.pm1_control[1], 0);
	fadt->extended_pm1_control[0] = (struct acpi_address_layout){ACPI_SPACE_PORTS, 16, 0, 2, 0x804};
	fadt->extended_pm1_control[1] = (struct acpi_address_layout){ACPI_SPACE_MEMORY, 16, 0, 2, 0x804};
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(info.fadt.pm1_control[0], 0x804);
	assert_int_equal(info.fadt.pm1_control[1], 0);
}

static void hpet_registers(void **state)
{
	struct acpi_hpet_layout *hpet = (void *)(bytes + SAMPLE_HPET);

	(void)state;
	hpet->base.space = ACPI_SPACE_PORTS;
	expect_refused("HPET", "its registers are not in memory");
	fresh(NULL);
	hpet->base.address = 0;
	expect_refused("HPET", "its registers have no address");
}

static void pci_segments(void **state)
{
	struct acpi_mcfg_layout *mcfg = (void *)(bytes + SAMPLE_MCFG);
	struct acpi_mcfg_segment_layout *segments = (void *)(mcfg + 1);

	(void)state;
	for (unsigned int i = 1; i < 10; i++)
		segments[i] = (struct acpi_mcfg_segment_layout){0xb0000000, 0, 7, 7, 0}; /* one bus is enough */
	mcfg->header.length = 44 + 10 * 16;
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(info.mcfg.count, ACPI_SEGMENTS_MAX);
	mcfg->header.length = 44 + 2 * 16 - 1; /* the last one is cut off */
	sample_acpi_seal(bytes);
	assert_true(read_all());
	assert_int_equal(info.mcfg.count, 1);
	segments[1] = (struct acpi_mcfg_segment_layout){0, 0, 5, 4, 0};
	mcfg->header.length = 44 + 2 * 16;
	expect_refused("MCFG", "a segment in it ends before it begins");
	assert_int_equal(info.mcfg.count, 0);
}

/* ---- all of one kind of damage ---- */

/* Whatever bit of a table is wrong, the table is not used. */
static void every_bit(void **state)
{
	static const struct {
		enum sample_acpi_place place;
		const void *part;
		size_t size;
	} tables[] = {{SAMPLE_MADT, &info.madt, sizeof(info.madt)}, {SAMPLE_FADT, &info.fadt, sizeof(info.fadt)},
	        {SAMPLE_HPET, &info.hpet, sizeof(info.hpet)}, {SAMPLE_MCFG, &info.mcfg, sizeof(info.mcfg)}};

	(void)state;
	for (int i = 0; i < 4; i++) {
		uint32_t bits = header(tables[i].place)->length * 8;

		for (uint32_t bit = 0; bit < bits; bit++) {
			uint8_t *byte = bytes + tables[i].place + bit / 8;

			*byte ^= (uint8_t)(1u << bit % 8);
			memory.refused = 0;
			assert_true(read_all());
			assert_true(is_zero(tables[i].part, tables[i].size));
			assert_int_equal(memory.refused, bit < 32 ? 0 : 1); /* another signature: another table */
			*byte ^= (uint8_t)(1u << bit % 8);
		}
	}
}

/* Memory that ends anywhere: nothing behind it is read, and what ends before it is. */
static void every_end(void **state)
{
	(void)state;
	for (size_t size = 0; size <= SAMPLE_ACPI_SIZE; size++) {
		memory.pieces[0].size = size;
		memory.refused = 0;
		assert_int_equal(read_all(), size >= SAMPLE_RSDT + header(SAMPLE_RSDT)->length);
		assert_int_equal(info.madt.cpu_count != 0, size >= SAMPLE_MADT + header(SAMPLE_MADT)->length);
		assert_int_equal(info.fadt.is_present, size >= SAMPLE_FADT + header(SAMPLE_FADT)->length);
		assert_int_equal(info.mcfg.count, size >= SAMPLE_MCFG + header(SAMPLE_MCFG)->length);
	}
}

/* Any bytes in place of others, with checksums that are right. */
static void random_bytes(void **state)
{
	struct dice dice = dice_take("random_bytes");

	(void)state;
	for (int i = 0; i < 20000; i++) {
		sample_acpi_fill(bytes);
		for (uint64_t k = dice_below(&dice, 8) + 1; k > 0; k--)
			bytes[dice_below(&dice, sizeof(bytes))] = (uint8_t)dice_roll(&dice);
		sample_acpi_seal(bytes);
		read_all();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(iasl_madt, fresh),
	        cmocka_unit_test_setup(iasl_madt_every_entry, fresh),
	        cmocka_unit_test_setup(iasl_fadt, fresh),
	        cmocka_unit_test_setup(iasl_hpet_and_mcfg, fresh),
	        cmocka_unit_test_setup(iasl_whole_machine, fresh),
	        cmocka_unit_test_setup(good_tables, fresh),
	        cmocka_unit_test_setup(root_of_acpi_1, fresh),
	        cmocka_unit_test_setup(root_pointer_is_wrong, fresh),
	        cmocka_unit_test_setup(second_part_is_wrong, fresh),
	        cmocka_unit_test_setup(both_roots_are_wrong, fresh),
	        cmocka_unit_test_setup(root_names_itself, fresh),
	        cmocka_unit_test_setup(table_is_named_twice, fresh),
	        cmocka_unit_test_setup(second_of_another_kind, fresh),
	        cmocka_unit_test_setup(second_table_is_good, fresh),
	        cmocka_unit_test_setup(tables_out_of_reach, fresh),
	        cmocka_unit_test_setup(tables_overlap, fresh),
	        cmocka_unit_test_setup(length_is_nonsense, fresh),
	        cmocka_unit_test_setup(tables_are_too_short, fresh),
	        cmocka_unit_test_setup(entry_lengths, fresh),
	        cmocka_unit_test_setup(entries_that_cannot_be, fresh),
	        cmocka_unit_test_setup(more_than_there_is_room_for, fresh),
	        cmocka_unit_test_setup(pm_timer, fresh),
	        cmocka_unit_test_setup(reset_register, fresh),
	        cmocka_unit_test_setup(pm1_control, fresh),
	        cmocka_unit_test_setup(hpet_registers, fresh),
	        cmocka_unit_test_setup(pci_segments, fresh),
	        cmocka_unit_test_setup(every_bit, fresh),
	        cmocka_unit_test_setup(every_end, fresh),
	        cmocka_unit_test_setup(random_bytes, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
