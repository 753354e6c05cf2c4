// The event ids of one index, in memory or in a file, in the order in which a file has them.

/// Walks over the event ids of an input in the order of a file: by fingerprint, then by place.
struct EventIDCursor {
    let input: IndexInput
    private(set) var fingerprint: UInt32 = 0
    private(set) var reference = IndexReference(ordinal: 0, offset: 0)
    private(set) var isAtEnd = false
    private var next = 0
    private var groupIndex = 0
    private var group: [UInt64] = []

    init(_ input: IndexInput) throws(FormatError) {
        self.input = input
        try advance()
    }

    mutating func advance() throws(FormatError) {
        switch input {
        case .file(let file):
            guard next < file.eventIDCount else {
                isAtEnd = true
                return
            }
            let found = try file.eventID(at: next)
            guard found.fingerprint >= fingerprint else {
                throw FormatError("the event ids of the index are in disorder")
            }
            next += 1
            (fingerprint, reference) = found
        case .memory(let frozen):
            while next == group.count {
                guard groupIndex < frozen.index.ids.groupCount else {
                    isAtEnd = true
                    return
                }
                group = frozen.index.ids.group(groupIndex)
                groupIndex += 1
                next = 0
            }
            fingerprint = UInt32(truncatingIfNeeded: group[next] >> 32)
            reference = IndexReference(ordinal: 0, offset: UInt32(truncatingIfNeeded: group[next]))
            next += 1
        }
    }
}
