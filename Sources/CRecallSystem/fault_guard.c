// Maps whose file is cut short under them, or whose page cannot be given space: a touch is a signal, SIGBUS, that would end the
// process. Here it puts a page of zeros in the place of the one that is missing, marks the map, and goes on. Whoever uses the
// map looks at the mark before anything rests on what was read or stored.
//
// The handler reads a list that only grows, whose entries are used again, and makes one system call. A fault anywhere else is
// given to whoever handled the signal before. The thread sanitizer touches memory for an atomic access while it holds a lock of its
// own, which the handler must not ask for: it is left alone by it, and so is the call that it makes.
#include "include/recall_system.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#if defined(__has_attribute)
#if __has_attribute(disable_sanitizer_instrumentation)
#define NOT_INSTRUMENTED __attribute__((disable_sanitizer_instrumentation))
#endif
#endif
#ifndef NOT_INSTRUMENTED
#define NOT_INSTRUMENTED
#endif

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

struct recall_guarded_map {
    _Atomic(uintptr_t) start;
    // 0 while the entry is free.
    _Atomic(uintptr_t) end;
    _Atomic(uint32_t) is_lost;
    int protection;
    struct recall_guarded_map *next;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(struct recall_guarded_map *) maps;
static struct sigaction previous;
static uintptr_t page_size;

// A page of zeros in the place of one that is not there. By the bare call where it has a single form, since a sanitizer stands in
// front of `mmap`.
NOT_INSTRUMENTED static bool put_zeros(void *page, int protection) {
    int flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS;
#if defined(__linux__) && defined(SYS_mmap)
    return syscall(SYS_mmap, page, page_size, protection, flags, -1, 0) != -1;
#else
    return mmap(page, page_size, protection, flags, -1, 0) != MAP_FAILED;
#endif
}

NOT_INSTRUMENTED static void give_to_previous(int number, siginfo_t *information, void *context) {
    if (previous.sa_flags & SA_SIGINFO) {
        if (previous.sa_sigaction) {
            previous.sa_sigaction(number, information, context);
            return;
        }
    } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
        previous.sa_handler(number);
        return;
    }
    // As if nobody had asked: on return the same touch ends the process.
    signal(number, SIG_DFL);
}

NOT_INSTRUMENTED static void handle(int number, siginfo_t *information, void *context) {
    uintptr_t address = (uintptr_t)information->si_addr;
    for (struct recall_guarded_map *map = atomic_load(&maps); map; map = map->next) {
        uintptr_t start = atomic_load(&map->start);
        uintptr_t end = atomic_load(&map->end);
        if (address < start || address >= end) continue;
        int saved = errno;
        atomic_store(&map->is_lost, 1);
        void *page = (void *)(address & ~(page_size - 1));
        bool is_made = put_zeros(page, map->protection);
        errno = saved;
        if (is_made) return;
        break;
    }
    give_to_previous(number, information, context);
}

static void install(void) {
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

struct recall_guarded_map *recall_guard_map(void *start, size_t count, bool is_writable) {
    pthread_once(&once, install);
    pthread_mutex_lock(&mutex);
    struct recall_guarded_map *map = atomic_load(&maps);
    while (map && atomic_load(&map->end) != 0) map = map->next;
    bool is_new = !map;
    if (is_new) map = calloc(1, sizeof *map);
    if (map) {
        map->protection = is_writable ? PROT_READ | PROT_WRITE : PROT_READ;
        atomic_store(&map->is_lost, 0);
        atomic_store(&map->start, (uintptr_t)start);
        atomic_store(&map->end, (uintptr_t)start + count);
        if (is_new) {
            map->next = atomic_load(&maps);
            atomic_store(&maps, map);
        }
    }
    pthread_mutex_unlock(&mutex);
    return map;
}

bool recall_is_map_lost(const struct recall_guarded_map *map) {
    return map && atomic_load_explicit(&((struct recall_guarded_map *)map)->is_lost, memory_order_acquire) != 0;
}

void recall_unguard_map(struct recall_guarded_map *map) {
    if (map) atomic_store(&map->end, 0);
}
