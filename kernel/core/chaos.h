/*
 * CHAOS() stands where a test that wants to provoke races loses some time; in the kernel it is nothing.
 */
#ifndef CORE_CHAOS_H
#define CORE_CHAOS_H

#ifndef CHAOS
#define CHAOS() ((void)0)
#endif

#endif
