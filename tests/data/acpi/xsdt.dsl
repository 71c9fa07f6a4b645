/* As rsdt.dsl, in 64 bits, and one table where there is no memory. */
Signature : "XSDT"
Table Length : 00000000
Revision : 01
Checksum : 00
Oem ID : "CAIRN "
Oem Table ID : "TESTDATA"
Oem Revision : 00000001
Asl Compiler ID : "TEST"
Asl Compiler Revision : 00000001

ACPI Table Address 0 : 0000000000002000
ACPI Table Address 1 : 0000000000003000
ACPI Table Address 2 : 0000000000004000
ACPI Table Address 3 : 0000000000005000
ACPI Table Address 4 : 0000123456789000
