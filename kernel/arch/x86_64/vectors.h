/*
 * Who uses which of the 256 vectors. The local APIC serves the class of 16 with the higher number first.
 */
#ifndef ARCH_VECTORS_H
#define ARCH_VECTORS_H

#define VECTOR_8259        32  /* its 16 lines; below are the CPU's exceptions */
#define VECTOR_SOURCES     48  /* lines of I/O APICs, and MSI */
#define VECTOR_SOURCES_END 240 /* one behind the last */
#define VECTOR_TIMER       240 /* of the local APIC */
#define VECTOR_KICK        241 /* from one CPU to another: look who was woken */
#define VECTOR_CALL        242 /* and: there is something to be called */
#define VECTOR_APIC_ERROR  254
#define VECTOR_SPURIOUS    255 /* the local APIC's; its low four bits had to be set in old ones */

#endif
