// What RecallLog needs from C: checksums by the hardware, atomics on mapped memory, and system calls
// that Swift's Glibc module does not show. Nothing here keeps state that a caller could observe.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), as in RFC 3720.
//
// `crc` is the finished CRC of the bytes that come before, 0 for none, so that calls chain:
// crc32c(crc32c(0, a), b) is the CRC of a followed by b.

/// CRC-32C by the fastest way that this machine has, chosen at the first call.
uint32_t recall_crc32c(uint32_t crc, const void *bytes, size_t count);

/// CRC-32C by tables, eight bytes a step; the same result on every machine.
uint32_t recall_crc32c_table(uint32_t crc, const void *bytes, size_t count);

/// CRC-32C by the processor's instruction; by tables where `recall_crc32c_has_hardware` is false.
uint32_t recall_crc32c_hardware(uint32_t crc, const void *bytes, size_t count);

/// Whether this processor has an instruction for CRC-32C: SSE4.2 on x86-64, CRC on arm64.
bool recall_crc32c_has_hardware(void);

/// Stores a value in memory that other threads, or other processes through a shared map, read with
/// `recall_load_acquire_u64`: whoever sees the value sees all that was stored before it.
/// C: `__atomic_store_n(address, value, __ATOMIC_RELEASE)`. `address` is a multiple of 8.
static inline void recall_store_release_u64(void *address, uint64_t value) {
    __atomic_store_n((uint64_t *)address, value, __ATOMIC_RELEASE);
}

/// Loads a value that `recall_store_release_u64` stored.
/// C: `__atomic_load_n(address, __ATOMIC_ACQUIRE)`. `address` is a multiple of 8.
static inline uint64_t recall_load_acquire_u64(const void *address) {
    return __atomic_load_n((const uint64_t *)address, __ATOMIC_ACQUIRE);
}

/// Reserves a file's space up to `size` bytes and grows it to that; the new bytes read as zero.
/// Never makes a file smaller.
/// Linux: `fallocate(descriptor, 0, 0, size)`, not `posix_fallocate`, whose emulation reads and writes
/// one byte in each block behind the caller's back. Apple: `fcntl(F_PREALLOCATE)`, then `ftruncate`.
/// Returns 0, or the errno; `EOPNOTSUPP` where the platform or the file system cannot.
int recall_preallocate(int descriptor, int64_t size);

/// Makes what was written to a file durable, with the metadata that is needed to read it.
/// Linux: `fdatasync`. Apple: `fcntl(F_FULLFSYNC)`, or `fsync` on file systems that refuse that one.
/// Returns 0, or the errno.
int recall_sync(int descriptor);

/// Writes what is unwritten of the bytes that a map shows, with `msync(MS_SYNC)`. On Linux, for a shared map of a file that is
/// open for writing, they are durable then, however they were written; elsewhere they may be in the drive's cache.
/// Returns 0, or the errno.
int recall_sync_map(void *start, size_t size);

/// Takes the exclusive lock of a whole file, without waiting. It belongs to the open file: it goes when
/// the last descriptor of it is closed, and another open of the same process does not share it.
/// C: `fcntl(F_OFD_SETLK)`, or `flock` where the system has no such locks.
/// Returns 0, `EWOULDBLOCK` where somebody else has it, or the errno.
int recall_lock_exclusively(int descriptor);

/// Gives a lock of `recall_lock_exclusively` back. A map of the file would keep it beyond the closing of
/// the descriptor. C: `fcntl(F_OFD_SETLK)` with `F_UNLCK`, or `flock(LOCK_UN)`.
void recall_unlock(int descriptor);

/// Whether somebody else has the lock of a file. Asks without taking it, so that asking never keeps a
/// writer out. C: `fcntl(F_OFD_GETLK)`. Returns 0 for no, 1 for yes, or the negative errno.
int recall_is_locked(int descriptor);

/// Says, until the descriptor is closed, that somebody reads a file. The lock of `recall_lock_exclusively` has nothing to do with
/// it. C: `fcntl(F_OFD_SETLK)` on one byte far behind the end; nothing where there are no such locks. Returns 0 or an errno.
int recall_announce_reader(int descriptor);

/// Whether somebody else has announced to read a file; yes where the system cannot tell. Returns 0 for no, 1 for yes, or the
/// negative errno. C: `fcntl(F_OFD_GETLK)`.
int recall_has_readers(int descriptor);

/// The first offset at or behind `offset` where the file may hold anything but zeros; -1 for none.
/// C: `lseek(SEEK_DATA)`; the offset itself where the file system cannot tell.
/// Returns the negative errno less 1 on failure.
int64_t recall_next_data(int descriptor, int64_t offset);

/// Whether the file's system overwrites reserved bytes where they are, so that storing to a map of them needs no new
/// space. C: `fstatfs`, for ext2 to ext4, XFS and tmpfs; no for all others, which write elsewhere or are not known.
/// Returns 0 for no, 1 for yes, or the negative errno.
int recall_is_overwritten_in_place(int descriptor);

/// Sleeps until somebody wakes those who wait at `address`, which memory of any processes may share, or the time has passed; not at
/// all where it does not hold `expected`. May return for no reason. C: `futex`, `os_sync_wait_on_address`; a short sleep elsewhere.
void recall_wait_for_change(const void *address, uint32_t expected, int64_t nanoseconds);

/// Wakes all who wait at `address`.
void recall_wake_waiting(void *address);

/// Says that somebody is about to wait: whoever stores after that sees the flag, or the one who waits sees what was stored.
static inline void recall_note_waiting(void *flag) {
    __atomic_store_n((uint32_t *)flag, 1, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/// Takes the flag back, after a store that is waited for. Returns whether it was there.
static inline bool recall_take_waiting(void *flag) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n((uint32_t *)flag, __ATOMIC_RELAXED) == 0) return false;
    __atomic_store_n((uint32_t *)flag, 0, __ATOMIC_SEQ_CST);
    return true;
}

/// A map that a touch of a byte that its file does not have, or has no space for, does not end the process for.
struct recall_guarded_map;

/// Guards a map of a file. At the first call a handler of SIGBUS is set, which puts a page of zeros in the place of one that is
/// touched in vain, and gives every other fault to the handler that was set before.
/// Returns NULL where no memory is left: the map is as ever then.
struct recall_guarded_map *recall_guard_map(void *start, size_t count, bool is_writable);

/// Whether a page of the map was touched in vain, so that what was read there or stored is not the file's.
bool recall_is_map_lost(const struct recall_guarded_map *map);

/// Ends the guarding; before the map ends.
void recall_unguard_map(struct recall_guarded_map *map);

/// What a dictionary, and a source that is compressed with one, may hold at most, in bytes. Together they stay
/// below 64 KiB, as far as a match of an LZ4 block can refer back.
#define RECALL_LZ4_DICTIONARY_MAX (48 << 10)
#define RECALL_LZ4_SOURCE_MAX ((16 << 10) - 1)

/// A dictionary that is prepared for compressing; never written to after it was made.
struct recall_lz4_dictionary;

/// Prepares `count` bytes, which stay where they are as long as the dictionary lives.
/// Returns NULL where they are too many, or no memory is left.
struct recall_lz4_dictionary *recall_lz4_dictionary_make(const void *bytes, size_t count);

/// Gives the memory back.
void recall_lz4_dictionary_free(struct recall_lz4_dictionary *dictionary);

/// Compresses `source` into an LZ4 block that `LZ4_decompress_safe_usingDict` decodes with the same dictionary.
/// `depth`: how many places in the dictionary are compared at each one of the source; 0 takes the first that serves.
/// Returns the size of the block; 0 where it does not fit into `capacity` or the source is too large.
size_t recall_lz4_compress(
    const struct recall_lz4_dictionary *dictionary, const void *source, size_t count, void *destination,
    size_t capacity, int depth);

/// Room that `recall_lz4_decompress` needs behind its destination, in bytes.
#define RECALL_LZ4_ROOM 64

/// Decompresses a block with its dictionary into exactly `size` bytes of `destination`, behind which
/// RECALL_LZ4_ROOM bytes may be overwritten. Returns whether the block was whole and filled them.
bool recall_lz4_decompress(
    const void *source, size_t count, const void *dictionary, size_t dictionary_count, void *destination, size_t size);

/// Asks the processor to bring the bytes of a small frame near, ahead of their use. Any address will do.
static inline void recall_prefetch(const void *address) {
    const char *line = (const char *)address;
    __builtin_prefetch(line);
    __builtin_prefetch(line + 64);
    __builtin_prefetch(line + 128);
}

struct stat;

/// `fstatat` without times: fills device, node, mode, count of links and size, and leaves the rest 0. Since Linux 6.13 whoever asks for the
/// time of a change makes the next write give the file a finer one, which costs that write and its sync a third.
int recall_fstatat(int directory, const char *path, struct stat *status, int flags);

#ifdef __cplusplus
}
#endif
