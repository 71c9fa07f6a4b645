/* Every kind of entry that is read, and one that is not: two I/O APICs, a CPU that may not be started,
   registers above 4 GiB, an SCI that is active low. */
Signature : "APIC"
Table Length : 00000000
Revision : 04
Checksum : 00
Oem ID : "CAIRN "
Oem Table ID : "TESTDATA"
Oem Revision : 00000001
Asl Compiler ID : "TEST"
Asl Compiler Revision : 00000001

Local Apic Address : FEE00000
Flags (decoded below) : 00000000
PC-AT Compatibility : 0

Subtable Type : 05 [Local APIC Address Override]
Length : 0C
Reserved : 0000
APIC Address : 00000012FEE00000

Subtable Type : 00 [Processor Local APIC]
Length : 08
Processor ID : 07
Local Apic ID : 04
Flags (decoded below) : 00000001
Processor Enabled : 1
Runtime Online Capable : 0

Subtable Type : 00 [Processor Local APIC]
Length : 08
Processor ID : 08
Local Apic ID : 05
Flags (decoded below) : 00000000
Processor Enabled : 0
Runtime Online Capable : 0

Subtable Type : 01 [I/O APIC]
Length : 0C
I/O Apic ID : 08
Reserved : 00
Address : FEC00000
Interrupt : 00000000

Subtable Type : 01 [I/O APIC]
Length : 0C
I/O Apic ID : 09
Reserved : 00
Address : FEC01000
Interrupt : 00000018

Subtable Type : 02 [Interrupt Source Override]
Length : 0A
Bus : 00
Source : 09
Interrupt : 00000018
Flags (decoded below) : 000F
Polarity : 3
Trigger Mode : 3

Subtable Type : 03 [NMI Source]
Length : 08
Flags (decoded below) : 0005
Polarity : 1
Trigger Mode : 1
Interrupt : 00000017

Subtable Type : 04 [Local APIC NMI]
Length : 06
Processor ID : 07
Flags (decoded below) : 0005
Polarity : 1
Trigger Mode : 1
Interrupt Input LINT : 00

Subtable Type : 09 [Processor Local x2APIC]
Length : 10
Reserved : 0000
Processor x2Apic ID : 00000123
Flags (decoded below) : 00000001
Processor Enabled : 1
Processor UID : 00000200

Subtable Type : 0A [Local x2APIC NMI]
Length : 0C
Flags (decoded below) : 000F
Polarity : 3
Trigger Mode : 3
Processor UID : FFFFFFFF
Interrupt Input LINT : 01
Reserved : 000000
