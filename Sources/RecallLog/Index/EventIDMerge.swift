// Walks over the event ids of several indexes at once, in the order in which a file has them.

/// All event ids of inputs that follow each other.
struct EventIDMerge {
    private var cursors: [EventIDCursor] = []
    /// The input of the present one.
    private var current: Int?

    init(_ inputs: [IndexInput]) throws(IndexBuildError) {
        for (number, input) in inputs.enumerated() {
            do throws(FormatError) { cursors.append(try EventIDCursor(input)) } catch {
                throw .damaged(input: number, error)
            }
        }
    }

    /// Goes on to the next event id.
    /// - Returns: whether there is one.
    mutating func advance() throws(IndexBuildError) -> Bool {
        if let current {
            do throws(FormatError) { try cursors[current].advance() } catch {
                throw .damaged(input: current, error)
            }
        }
        current = nil
        // Of equal ones the earlier input's comes first, and so do its frames.
        for index in cursors.indices where !cursors[index].isAtEnd {
            if let current, cursors[current].fingerprint <= cursors[index].fingerprint { continue }
            current = index
        }
        return current != nil
    }

    var fingerprint: UInt32 { current.map { cursors[$0].fingerprint } ?? 0 }

    /// The frame of the present one, in an index that has the inputs' segments from these numbers on.
    func reference(ordinals: [UInt32]) -> IndexReference {
        guard let current else { return IndexReference(ordinal: 0, offset: 0) }
        var reference = cursors[current].reference
        reference.ordinal += ordinals[current]
        return reference
    }
}
