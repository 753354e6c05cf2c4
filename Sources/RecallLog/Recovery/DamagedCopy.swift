// A copy of what stands twice, that is not what was written. As long as the other one holds, it costs nothing but the
// second copy, which is a finding of verifying and no error of reading.
//
// What is written again while a store is used (superblocks) may be looked at in the middle of a write. Only what was found
// twice, with the same bytes, is damage: what changes is being written.

/// One of the copies of a header, a dictionary, or what leads to the files of a single-file store, and what is wrong with it.
package struct DamagedCopy: Hashable, Sendable {
    package enum Subject: String, Sendable {
        case storeHeader = "store's header"
        case segmentHeader = "segment's header"
        case dictionary = "segment's dictionary"
        case superblock = "superblock"
        case tableOfContents = "table of contents"
        case mark = "mark"

        /// What is lost where no copy holds.
        fileprivate var loss: String {
            switch self {
            case .storeHeader, .segmentHeader, .dictionary: "commits that refer to it cannot be read"
            case .superblock, .tableOfContents: "the store's files cannot be found"
            case .mark: "the loss of the last segments would not be noticed"
            }
        }

        /// What to do for a second copy.
        fileprivate var remedy: String {
            switch self {
            case .storeHeader, .segmentHeader, .dictionary:
                "salvage the store into a new one to have two again"
            case .superblock, .tableOfContents: "open the store for appending, which writes it again"
            case .mark: "it is written again when the store is next opened for appending and closed"
            }
        }
    }

    package var subject: Subject
    /// In its file, in bytes.
    package var offset: Int
    package var reason: FormatError
    /// Whether the other copy holds.
    package var isSpare: Bool
    /// Tells the bytes from those of another look; 0 for what is written only once.
    package var fingerprint: UInt32 = 0
    /// What the medium does not give back of it, in bytes of its file.
    package var unreadable: [Range<Int>] = []

    /// For a person: what is wrong.
    package var finding: String { "a copy of the \(subject.rawValue) does not hold: \(reason)" }

    /// For a person: what is wrong, what it costs, and what to do.
    package var message: String {
        let what = finding
        return isSpare
            ? what + "; the other copy holds, so nothing is lost: \(subject.remedy)"
            : what + ", and neither does the other, so \(subject.loss)"
    }
}
