/*
 * What the CPU forbids the kernel itself (Intel SDM volume 3, chapters 2.5 and 4.6).
 */
#ifndef ARCH_PROTECTION_H
#define ARCH_PROTECTION_H

/*
 * [init] For this CPU, as far as it can: WP (read-only pages are so for the kernel, too), SMEP (it runs no code of
 * programs), SMAP (nor touches their data, unless it says so), UMIP (programs do not see where descriptor tables are).
 */
void protection_start(void);

#endif
