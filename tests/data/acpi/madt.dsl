/* What QEMU says of a PC with two CPUs. */
Signature : "APIC"
Table Length : 00000000
Revision : 01
Checksum : 00
Oem ID : "CAIRN "
Oem Table ID : "TESTDATA"
Oem Revision : 00000001
Asl Compiler ID : "TEST"
Asl Compiler Revision : 00000001

Local Apic Address : FEE00000
Flags (decoded below) : 00000001
PC-AT Compatibility : 1

Subtable Type : 00 [Processor Local APIC]
Length : 08
Processor ID : 00
Local Apic ID : 00
Flags (decoded below) : 00000001
Processor Enabled : 1
Runtime Online Capable : 0

Subtable Type : 00 [Processor Local APIC]
Length : 08
Processor ID : 01
Local Apic ID : 01
Flags (decoded below) : 00000001
Processor Enabled : 1
Runtime Online Capable : 0

Subtable Type : 01 [I/O APIC]
Length : 0C
I/O Apic ID : 00
Reserved : 00
Address : FEC00000
Interrupt : 00000000

Subtable Type : 02 [Interrupt Source Override]
Length : 0A
Bus : 00
Source : 00
Interrupt : 00000002
Flags (decoded below) : 0000
Polarity : 0
Trigger Mode : 0

Subtable Type : 02 [Interrupt Source Override]
Length : 0A
Bus : 00
Source : 05
Interrupt : 00000005
Flags (decoded below) : 000D
Polarity : 1
Trigger Mode : 3

Subtable Type : 02 [Interrupt Source Override]
Length : 0A
Bus : 00
Source : 09
Interrupt : 00000009
Flags (decoded below) : 000D
Polarity : 1
Trigger Mode : 3

Subtable Type : 02 [Interrupt Source Override]
Length : 0A
Bus : 00
Source : 0A
Interrupt : 0000000A
Flags (decoded below) : 000D
Polarity : 1
Trigger Mode : 3

Subtable Type : 02 [Interrupt Source Override]
Length : 0A
Bus : 00
Source : 0B
Interrupt : 0000000B
Flags (decoded below) : 000D
Polarity : 1
Trigger Mode : 3

Subtable Type : 04 [Local APIC NMI]
Length : 06
Processor ID : FF
Flags (decoded below) : 0000
Polarity : 0
Trigger Mode : 0
Interrupt Input LINT : 01
