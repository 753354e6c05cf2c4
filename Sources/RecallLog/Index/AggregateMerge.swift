// Walks over the aggregates of several indexes at once, each aggregate once: how indexes become one.

/// The union of the aggregates of inputs that follow each other.
struct AggregateMerge {
    private var cursors: [AggregateCursor] = []
    /// Which inputs list the present aggregate.
    private var isListing: [Bool]
    private(set) var hash: UInt64 = 0
    private(set) var id = RawIdentifier(high: 0, low: 0)

    init(_ inputs: [IndexInput]) throws(IndexBuildError) {
        isListing = Array(repeating: false, count: inputs.count)
        for (number, input) in inputs.enumerated() {
            do throws(FormatError) { cursors.append(try AggregateCursor(input)) } catch {
                throw .damaged(input: number, error)
            }
        }
    }

    /// Goes on to the next aggregate.
    /// - Returns: whether there is one.
    mutating func advance() throws(IndexBuildError) -> Bool {
        var isFound = false
        for index in cursors.indices {
            if isListing[index] {
                isListing[index] = false
                do throws(FormatError) { try cursors[index].advance() } catch {
                    throw .damaged(input: index, error)
                }
            }
            guard !cursors[index].isAtEnd else { continue }
            let (nextHash, nextID) = (cursors[index].hash, cursors[index].id)
            if !isFound || nextHash < hash || (nextHash == hash && nextID < id) {
                (hash, id) = (nextHash, nextID)
                isFound = true
            }
        }
        guard isFound else { return false }
        for index in cursors.indices where !cursors[index].isAtEnd && cursors[index].id == id {
            isListing[index] = true
        }
        return true
    }

    /// The present aggregate behind the last input that lists it.
    var entry: AggregateEntry {
        for index in cursors.indices.reversed() where isListing[index] { return cursors[index].entry }
        return AggregateEntry(id: id, version: 0, graphPosition: 0)
    }

    /// How many frames list the present aggregate.
    var referenceCount: Int {
        var count = 0
        for index in cursors.indices where isListing[index] { count += cursors[index].referenceCount }
        return count
    }

    /// Puts the frames that list the present aggregate, in order, into an array in place of what it held.
    func references(
        ordinals: [UInt32], into result: inout [IndexReference]
    ) throws(IndexBuildError) {
        result.removeAll(keepingCapacity: true)
        for index in cursors.indices where isListing[index] {
            do throws(FormatError) {
                try cursors[index].appendReferences(addingOrdinal: ordinals[index], to: &result)
            } catch {
                throw .damaged(input: index, error)
            }
        }
    }
}
