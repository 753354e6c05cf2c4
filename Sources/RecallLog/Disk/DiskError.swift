// A failed call to the disk, as the operating system reported it.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A call that the disk refused or failed.
package struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The C function that failed, such as `fdatasync`.
    package var call: String
    package var path: String
    /// The C `errno`.
    package var number: Int32

    package init(call: String, path: String, number: Int32) {
        self.call = call
        self.path = path
        self.number = number
    }

    package var description: String {
        "\(call) failed on \(path): \(String(cString: strerror(number))) (errno \(number))"
    }
}

extension DiskError {
    /// A file whose own bytes do not hold, so that what is in it cannot be found.
    package init(damageOf what: String, path: String) {
        self.init(call: what, path: path, number: EBADMSG)
    }

    /// A file that a newer program wrote.
    package init(versionOf path: String) { self.init(call: "read", path: path, number: EPROTONOSUPPORT) }

    /// `EFBIG`, for limits that Recall itself puts on files.
    package static var fileTooLarge: Int32 { EFBIG }

    /// Whether a part of the path that should lead on is no directory.
    package var isNotADirectory: Bool { number == ENOTDIR }

    /// Whether a path leads to nothing.
    package var isMissing: Bool { number == ENOENT }

    /// `ENOENT`, for a path that leads to nothing.
    package static var missing: Int32 { ENOENT }

    /// `EFAULT`, for a page of a map that its file does not have, or has no space for.
    package static var lostPage: Int32 { EFAULT }

    /// `ESTALE`, for a path that leads to something else than a moment ago.
    package static var isAnother: Int32 { ESTALE }

    /// Whether the medium could not give its bytes back.
    package var isMediaFailure: Bool { number == EIO }

    /// Whether there was not enough room, on the disk or in the user's share of it.
    package var isOutOfSpace: Bool { number == ENOSPC || number == EDQUOT }

    /// Whether nothing can be written there by anybody, or the file system knows no sync.
    package var isReadOnlyDisk: Bool { number == EROFS || number == EINVAL || number == ENOTSUP }

    /// Whether this user may not do that.
    package var isDenied: Bool { number == EACCES || number == EPERM }
}
