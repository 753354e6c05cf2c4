// A copy of what stands twice, that is not what was written. As long as the other one holds, it costs nothing but the
// second copy, which is a finding of verifying and no error of reading.

/// One of the copies of a header or a dictionary, and what is wrong with it.
package struct DamagedCopy: Hashable, Sendable {
    package enum Subject: String, Sendable {
        case storeHeader = "store's header"
        case segmentHeader = "segment's header"
        case dictionary = "segment's dictionary"
    }

    package var subject: Subject
    /// In its file, in bytes.
    package var offset: Int
    package var reason: FormatError
    /// Whether the other copy holds.
    package var isSpare: Bool

    /// For a person: what is wrong.
    package var finding: String { "a copy of the \(subject.rawValue) does not hold: \(reason)" }

    /// For a person: what is wrong, what it costs, and what to do.
    package var message: String {
        let what = finding
        return isSpare
            ? what
                + "; the other copy holds, so nothing is lost: salvage the store into a new one to have two again"
            : what + ", and neither does the other, so commits that refer to it cannot be read"
    }
}
