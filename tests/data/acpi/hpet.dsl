/* The second HPET of a machine. */
Signature : "HPET"
Table Length : 00000000
Revision : 01
Checksum : 00
Oem ID : "CAIRN "
Oem Table ID : "TESTDATA"
Oem Revision : 00000001
Asl Compiler ID : "TEST"
Asl Compiler Revision : 00000001

Hardware Block ID : 8086A201

Timer Block Register : [Generic Address Structure]
Space ID : 00 [SystemMemory]
Bit Width : 40
Bit Offset : 00
Encoded Access Width : 00
Address : 00000000FED00000

Sequence Number : 01
Minimum Clock Ticks : 3123
Flags (decoded below) : 00
4K Page Protect : 0
64K Page Protect : 0
