/* Revision 1, as QEMU's pc has it: a timer of 24 bits at a port, no boot flags. */
Signature : "FACP"
Table Length : 00000000
Revision : 01
Checksum : 00
Oem ID : "CAIRN "
Oem Table ID : "TESTDATA"
Oem Revision : 00000001
Asl Compiler ID : "TEST"
Asl Compiler Revision : 00000001

FACS Address : 07FE0000
DSDT Address : 07FE0040
Model : 01
PM Profile : 00 [Unspecified]
SCI Interrupt : 0009
SMI Command Port : 000000B2
ACPI Enable Value : F1
ACPI Disable Value : F0
S4BIOS Command : 00
P-State Control : 00
PM1A Event Block Address : 00000600
PM1B Event Block Address : 00000000
PM1A Control Block Address : 00000604
PM1B Control Block Address : 00000000
PM2 Control Block Address : 00000000
PM Timer Block Address : 00000608
GPE0 Block Address : 0000AFE0
GPE1 Block Address : 00000000
PM1 Event Block Length : 04
PM1 Control Block Length : 02
PM2 Control Block Length : 00
PM Timer Block Length : 04
GPE0 Block Length : 04
GPE1 Block Length : 00
GPE1 Base Offset : 00
_CST Support : 00
C2 Latency : 0FFF
C3 Latency : 0FFF
CPU Cache Size : 0000
Cache Flush Stride : 0000
Duty Cycle Offset : 00
Duty Cycle Width : 00
RTC Day Alarm Index : 00
RTC Month Alarm Index : 00
RTC Century Index : 32
Boot Flags (decoded below) : 0000
Legacy Devices Supported (V2) : 0
8042 Present on ports 60/64 (V2) : 0
VGA Not Present (V4) : 0
MSI Not Supported (V4) : 0
PCIe ASPM Not Supported (V4) : 0
CMOS RTC Not Present (V5) : 0
Reserved : 00
Flags (decoded below) : 000080A5
WBINVD instruction is operational (V1) : 1
WBINVD flushes all caches (V1) : 0
All CPUs support C1 (V1) : 1
C2 works on MP system (V1) : 0
Control Method Power Button (V1) : 0
Control Method Sleep Button (V1) : 1
RTC wake not in fixed reg space (V1) : 0
RTC can wake system from S4 (V1) : 1
32-bit PM Timer (V1) : 0
Docking Supported (V1) : 0
Reset Register Supported (V2) : 0
Sealed Case (V3) : 0
Headless - No Video (V3) : 0
Use native instr after SLP_TYPx (V3) : 0
PCIEXP_WAK Bits Supported (V4) : 0
Use Platform Timer (V4) : 1
RTC_STS valid on S4 wake (V4) : 0
Remote Power-on capable (V4) : 0
Use APIC Cluster Model (V4) : 0
Use APIC Physical Destination Mode (V4) : 0
Hardware Reduced (V5) : 0
Low Power S0 Idle (V5) : 0
