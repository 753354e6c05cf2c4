// What a finding of verifying is about, as a value. New things will be verified, so it can be extended without breaking
// anybody's switch; the words beside it are for a person and may change.

extension VerificationFinding {
    /// The part of a store that a finding is about: stable, to be compared in code.
    public struct Subject: Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        /// A subject that is not among those below. Two subjects are the same when their texts are.
        public init(_ rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// The header of the store: one of its two copies where the finding has an offset, else both, or the file itself.
        public static let storeHeader = Subject("storeHeader")
        /// One of the two marks, which say how far the store has come, in the file of the store's header.
        public static let mark = Subject("mark")
        /// One of the two superblocks of a single-file store, of which the other holds: without any, verifying throws.
        public static let superblock = Subject("superblock")
        /// The table of contents of a single-file store: one of its two copies where the finding has an offset, else a place
        /// in it that lies behind the end of the file.
        public static let tableOfContents = Subject("tableOfContents")
        /// The directory that the segments are in, and all of them with it.
        public static let segmentDirectory = Subject("segmentDirectory")
        /// The whole of a segment: its file is missing, is cut short, or has no copy of its header that holds.
        public static let segment = Subject("segment")
        /// One of the two copies of a segment's header; the other holds.
        public static let segmentHeader = Subject("segmentHeader")
        /// A copy of the dictionary that events of a segment are compressed with.
        public static let dictionary = Subject("dictionary")
        /// Frames that were acknowledged and do not hold.
        public static let frames = Subject("frames")
        /// A commit whose frame holds, and which says what cannot be.
        public static let commit = Subject("commit")
        /// Bytes of a segment that the medium does not give back, whatever was written there. What that costs is a finding of its
        /// own.
        public static let medium = Subject("medium")
        /// The index of a segment, or of several in a row.
        public static let index = Subject("index")
    }
}

extension VerificationFinding.Subject {
    /// What of a store a copy belongs to.
    init(_ subject: DamagedCopy.Subject) {
        self =
            switch subject {
            case .storeHeader: .storeHeader
            case .mark: .mark
            case .segmentHeader: .segmentHeader
            case .dictionary: .dictionary
            case .superblock: .superblock
            case .tableOfContents: .tableOfContents
            }
    }
}
