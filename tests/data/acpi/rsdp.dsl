/* Of revision 2, with both roots. */
Signature : "RSD PTR "
Checksum : 00
Oem ID : "CAIRN "
Revision : 02
RSDT Address : 00001000
Length : 00000024
XSDT Address : 0000000000001800
Extended Checksum : 00
Reserved : 000000
