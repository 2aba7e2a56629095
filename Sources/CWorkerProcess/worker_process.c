#define _GNU_SOURCE
#include "worker_process.h"

#include <sched.h>
#include <unistd.h>

int wh_core_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}
