// System calls that differ between platforms or that Swift's C library modules do not show. Each is
// retried when a signal interrupts it, and answers with an errno instead of setting one.
#define _GNU_SOURCE
#include "include/recall_system.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#if defined(__linux__)
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#endif
#include <unistd.h>

int recall_preallocate(int descriptor, int64_t size) {
#if defined(__linux__)
    while (fallocate(descriptor, 0, 0, size) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
#elif defined(__APPLE__)
    struct stat status;
    if (fstat(descriptor, &status) != 0) return errno;
    if (status.st_size >= size) return 0;
    // Together in one piece where the disk has one, in several otherwise.
    fstore_t request = {
        .fst_flags = F_ALLOCATECONTIG | F_ALLOCATEALL,
        .fst_posmode = F_PEOFPOSMODE,
        .fst_offset = 0,
        .fst_length = size - status.st_size,
    };
    if (fcntl(descriptor, F_PREALLOCATE, &request) == -1) {
        request.fst_flags = F_ALLOCATEALL;
        if (fcntl(descriptor, F_PREALLOCATE, &request) == -1) {
            return errno == ENOTSUP ? EOPNOTSUPP : errno;
        }
    }
    while (ftruncate(descriptor, size) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
#else
    (void)descriptor;
    (void)size;
    return EOPNOTSUPP;
#endif
}

int recall_sync(int descriptor) {
#if defined(__APPLE__)
    // fsync leaves the bytes in the drive's cache on Apple platforms; only this empties it.
    while (fcntl(descriptor, F_FULLFSYNC) == -1) {
        if (errno == EINTR) continue;
        if (errno != ENOTSUP && errno != EINVAL && errno != ENOTTY) return errno;
        while (fsync(descriptor) != 0) {
            if (errno != EINTR) return errno;
        }
        return 0;
    }
    return 0;
#else
    while (fdatasync(descriptor) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
#endif
}

int recall_sync_map(void *start, size_t size) {
    while (msync(start, size, MS_SYNC) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
}

// The writer's lock is on all bytes of the file but this one, which readers share: no file is that long.
#define READER_BYTE ((off_t)1 << 62)

int recall_lock_exclusively(int descriptor) {
#if defined(F_OFD_SETLK)
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = READER_BYTE};
    while (fcntl(descriptor, F_OFD_SETLK, &lock) == -1) {
        if (errno == EAGAIN || errno == EACCES) return EWOULDBLOCK;
        if (errno != EINTR) return errno;
    }
    return 0;
#else
    while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
#endif
}

void recall_unlock(int descriptor) {
#if defined(F_OFD_SETLK)
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = READER_BYTE};
    while (fcntl(descriptor, F_OFD_SETLK, &lock) == -1 && errno == EINTR) {
    }
#else
    flock(descriptor, LOCK_UN);
#endif
}

int recall_is_locked(int descriptor) {
#if defined(F_OFD_GETLK)
    // A read lock is asked about, since the file may be open for reading only.
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = READER_BYTE};
    while (fcntl(descriptor, F_OFD_GETLK, &lock) == -1) {
        if (errno != EINTR) return -errno;
    }
    return lock.l_type != F_UNLCK;
#else
    if (flock(descriptor, LOCK_SH | LOCK_NB) != 0) return errno == EWOULDBLOCK ? 1 : -errno;
    flock(descriptor, LOCK_UN);
    return 0;
#endif
}

int recall_announce_reader(int descriptor) {
#if defined(F_OFD_SETLK)
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = READER_BYTE, .l_len = 1};
    while (fcntl(descriptor, F_OFD_SETLK, &lock) == -1) {
        if (errno != EINTR) return errno;
    }
#else
    (void)descriptor;
#endif
    return 0;
}

int recall_has_readers(int descriptor) {
#if defined(F_OFD_GETLK)
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = READER_BYTE, .l_len = 1};
    while (fcntl(descriptor, F_OFD_GETLK, &lock) == -1) {
        if (errno != EINTR) return -errno;
    }
    return lock.l_type != F_UNLCK;
#else
    // There are no locks on a part of a file, so somebody may always be reading.
    (void)descriptor;
    return 1;
#endif
}

int64_t recall_next_data(int descriptor, int64_t offset) {
#if defined(SEEK_DATA)
    int64_t found = lseek(descriptor, offset, SEEK_DATA);
    if (found >= 0) return found;
    if (errno == ENXIO) return -1;
    if (errno != EINVAL && errno != EOPNOTSUPP) return -(int64_t)errno - 1;
#endif
    return offset;
}

int recall_is_overwritten_in_place(int descriptor) {
#if defined(__linux__)
    // The numbers of <linux/magic.h>, which not every system has installed.
    enum { EXT = 0xEF53, XFS = 0x58465342, TMPFS = 0x01021994 };
    struct statfs information;
    while (fstatfs(descriptor, &information) != 0) {
        if (errno != EINTR) return -errno;
    }
    return information.f_type == EXT || information.f_type == XFS || information.f_type == TMPFS;
#else
    (void)descriptor;
    return 0;
#endif
}

int recall_fstatat(int directory, const char *path, struct stat *status, int flags) {
#if defined(__linux__) && defined(STATX_INO)
    struct statx found;
    if (statx(directory, path, flags, STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_INO | STATX_SIZE, &found) == 0) {
        *status = (struct stat){0};
        status->st_dev = makedev(found.stx_dev_major, found.stx_dev_minor);
        status->st_ino = found.stx_ino;
        status->st_mode = found.stx_mode;
        status->st_nlink = found.stx_nlink;
        status->st_size = (off_t)found.stx_size;
        return 0;
    }
    if (errno != ENOSYS) return -1;
#endif
    return fstatat(directory, path, status, flags);
}
