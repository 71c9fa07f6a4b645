#include "host_arch.h"

_Thread_local struct host_cpu host_cpu = {.flags = CPU_FLAGS_IF};
