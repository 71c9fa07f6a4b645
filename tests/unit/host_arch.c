#include "host_arch.h"

struct host_cpu host_cpu = {.flags = CPU_FLAGS_IF};
