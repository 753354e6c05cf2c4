// Sleeping until a word in shared memory changes, in this process or another: the kernel wakes who waits, and nobody looks again and again.
#if defined(__linux__)
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#elif defined(__APPLE__) && __has_include(<os/os_sync_wait_on_address.h>)
#include <os/clock.h>
#include <os/os_sync_wait_on_address.h>
#define HAS_OS_SYNC 1
#else
#include <time.h>
#endif
#include "include/recall_system.h"

#include <limits.h>

#if !defined(__linux__) && !defined(HAS_OS_SYNC)
static void pause_for(int64_t nanoseconds) {
    struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
    nanosleep(&time, NULL);
}
#endif

void recall_wait_for_change(const void *address, uint32_t expected, int64_t nanoseconds) {
#if defined(__linux__)
    struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
    syscall(SYS_futex, address, FUTEX_WAIT, expected, &time, NULL, 0);
#elif defined(HAS_OS_SYNC)
    os_sync_wait_on_address_with_timeout(
        (void *)address, expected, sizeof expected, OS_SYNC_WAIT_ON_ADDRESS_SHARED, OS_CLOCK_MACH_ABSOLUTE_TIME,
        (uint64_t)nanoseconds);
#else
    // Without a call for it, a short sleep: the caller looks again.
    pause_for(nanoseconds < 4000000 ? nanoseconds : 4000000);
    (void)address;
    (void)expected;
#endif
}

void recall_wake_waiting(void *address) {
#if defined(__linux__)
    syscall(SYS_futex, address, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
#elif defined(HAS_OS_SYNC)
    os_sync_wake_by_address_all(address, sizeof(uint32_t), OS_SYNC_WAKE_BY_ADDRESS_SHARED);
#else
    (void)address;
#endif
}
