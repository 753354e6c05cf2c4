// What a failed call to the disk means for the one who uses a store: one sentence that says what was
// being done, where it failed, and what to do about it.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
package import Recall

extension StoreError {
    /// - Parameter task: what was being done, to follow "Could not", such as `open the store`.
    package init(_ error: DiskError, doing task: String) {
        if error.number == EBADMSG {
            self.init(
                .damaged,
                "Could not \(task): \(error.path) is damaged or no store: \(error.call); check the path, or restore a backup.",
                cause: error)
            return
        }
        let (code, reason, remedy) = StoreError.meaning(of: error.number)
        let what = reason ?? String(cString: strerror(error.number))
        self.init(code, "Could not \(task): \(error.path): \(what); \(remedy).", cause: error)
    }

    /// The code, what is wrong in words (nil for the system's own), and what to do next.
    private static func meaning(
        of number: Int32
    ) -> (code: Code, reason: String?, remedy: String) {
        switch number {
        case ENOSPC:
            (.unavailable, "no space is left on the disk", "free some space and open the store again")
        case EDQUOT:
            (
                .unavailable, "the disk quota is used up",
                "free some space or raise the quota, and open the store again"
            )
        case EFBIG:
            (
                .unavailable, "the file would be larger than the system allows",
                "raise the limit on file sizes (ulimit -f)"
            )
        case EACCES, EPERM:
            (.unavailable, "permission was denied", "check who owns it and its access rights")
        case EROFS:
            (
                .unavailable, "the file system is read-only",
                "mount it for writing, or open the store for reading only"
            )
        case ENOENT:
            (.notFound, "it does not exist", "check the path, or create the store first")
        case ENOTDIR:
            (.unavailable, "a part of the path is not a directory", "check the path")
        case EISDIR:
            (.unavailable, "it is a directory where a file was expected", "check the path")
        case ELOOP:
            (.unavailable, "it is a symbolic link, which a store does not follow", "name the file itself")
        case EEXIST, ENOTEMPTY:
            (.unavailable, "it exists already", "choose another path, or move away what is there")
        case EFAULT:
            (
                .unavailable,
                "a part of the file is not there any more: it was cut short, or there is no space for what a copy of it shares",
                "verify the store, free some space, and restore a backup where events are missing"
            )
        case ESTALE:
            (
                .unavailable, "it was moved or replaced meanwhile",
                "see what stands there now, and open the store where it is"
            )
        case ENAMETOOLONG:
            (.invalidArgument, "the path is too long", "choose a shorter one")
        case EIO:
            (
                .unavailable, "the disk reported an error",
                "check the disk and the system's log, then verify the store"
            )
        case EMFILE:
            (
                .unavailable, "the process has too many files open",
                "raise the limit (ulimit -n), or close stores that are not needed"
            )
        case ENFILE:
            (
                .unavailable, "the system has too many files open",
                "close programs, or raise the system's limit"
            )
        case ENOMEM:
            (
                .unavailable, "not enough memory is left",
                "free some memory, or raise the limit on mapped memory"
            )
        case EBUSY, ETXTBSY:
            (.unavailable, "it is in use", "close the program that uses it")
        case EPROTONOSUPPORT:
            (.unsupported, "it was written by a newer program", "open it with a newer version")
        case EOPNOTSUPP, ENOTSUP, ENOSYS:
            (.unsupported, "the file system does not support this", "keep the store on a local file system")
        default:
            (.unavailable, nil, "solve what the system reports, then try again")
        }
    }
}
