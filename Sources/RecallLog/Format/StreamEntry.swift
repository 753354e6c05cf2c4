// One stream that a commit lists. Encode beside decode; layout: docs/format.md, "Commit frame".

/// A stream, and what a commit does to it.
package struct StreamEntry: Hashable, Sendable, BitwiseCopyable {
    package var id: RawIdentifier
    /// 0 where the stream is its own root, else 1 + the index of its root in the commit.
    package var root: Int
    /// The version before the commit.
    package var previousVersion: UInt64
    /// How many events of the commit are in this stream; 0 for a root whose children alone have some.
    package var eventCount: Int
    /// The index of the last event of the stream or, for a root, of any stream with that root.
    package var lastIndex: Int

    package init(
        id: RawIdentifier, root: Int, previousVersion: UInt64, eventCount: Int, lastIndex: Int
    ) {
        self.id = id
        self.root = root
        self.previousVersion = previousVersion
        self.eventCount = eventCount
        self.lastIndex = lastIndex
    }

    /// The version behind the commit.
    package var version: UInt64 { previousVersion + UInt64(eventCount) }

    /// What a stream takes at least and at most in a frame, in bytes.
    package static let sizeMin = 2
    package static let sizeMax = 1 + 16 + 3 + 10 + 3 + 3

    /// - Parameters:
    ///   - number: of the stream in the segment's dictionary, from 1; 0 where it is not there.
    ///   - isSimple: whether it is the only stream of a commit of one event, and its own root.
    ///   - isOnly: whether it is the only stream of the commit.
    @inline(__always)
    package func encode(to writer: inout ByteWriter, number: Int, isSimple: Bool, isOnly: Bool) {
        writer.varint(number)
        if number == 0 { writer.identifier(id) }
        if !isSimple { writer.varint(root) }
        writer.varint(previousVersion)
        guard !isOnly else { return }
        writer.varint(eventCount)
        writer.varint(lastIndex)
    }

    /// Reads a stream of a commit.
    /// - Parameters:
    ///   - isSimple: whether the commit is in the short form.
    ///   - commitEventCount: how many events the commit has.
    ///   - streamCount: how many streams the commit lists.
    @inline(__always)
    package init(
        decoding reader: inout ByteReader, _ bytes: RawSpan, isSimple: Bool, commitEventCount: Int,
        streamCount: Int, dictionary: borrowing SegmentDictionary?
    ) throws(FormatError) {
        let number = try reader.varint(bytes)
        if number == 0 {
            id = try reader.identifier(bytes)
        } else {
            switch dictionary {
            case .some(let dictionary): id = try dictionary.stream(number, bytes)
            case .none:
                throw FormatError("a stream has a number, and the segment has no dictionary that holds")
            }
        }
        root = 0
        if !isSimple {
            let stated = try reader.varint(bytes)
            guard stated <= UInt64(streamCount) else {
                throw FormatError("a stream names a root that is not there")
            }
            root = Int(stated)
        }
        previousVersion = try reader.varint(bytes)
        guard previousVersion < UInt64.max >> 1 else {
            throw FormatError("a stream has an impossible version")
        }
        if streamCount == 1 {
            eventCount = commitEventCount
            lastIndex = commitEventCount - 1
        } else {
            let count = try reader.varint(bytes)
            let last = try reader.varint(bytes)
            guard count <= UInt64(commitEventCount), last < UInt64(commitEventCount) else { throw .count }
            eventCount = Int(count)
            lastIndex = Int(last)
        }
    }
}
