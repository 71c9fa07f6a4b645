/* Names the tables at the addresses where the test puts them. */
Signature : "RSDT"
Table Length : 00000000
Revision : 01
Checksum : 00
Oem ID : "CAIRN "
Oem Table ID : "TESTDATA"
Oem Revision : 00000001
Asl Compiler ID : "TEST"
Asl Compiler Revision : 00000001

ACPI Table Address 0 : 00002000
ACPI Table Address 1 : 00003000
ACPI Table Address 2 : 00004000
ACPI Table Address 3 : 00005000
