// The streams of a commit: each listed once, its root before it, and one root for each entity of a graph.

import Foundation
import Recall
import RecallLog
import Testing

@Suite struct StreamListTests {
    private func list(_ pairs: [(id: Int, root: Int)]) throws -> StreamList {
        var list = StreamList()
        try list.add(
            pairs.map {
                NewEvent(
                    aggregateID: Story.aggregate($0.id), rootID: Story.aggregate($0.root), type: "T",
                    payload: Data())
            })
        return list
    }

    @Test func eachStreamIsListedOnceBehindItsRoot() throws {
        let list = try list([(2, 1), (1, 1), (2, 1), (3, 3), (4, 1)])
        #expect(list.entries.map(\.eventCount) == [1, 2, 1, 1])
        #expect(list.entries.map(\.root) == [0, 1, 0, 1])
        // A root's is the last of its graph.
        #expect(list.entries.map(\.lastIndex) == [4, 2, 3, 4])
        #expect(list.indexes == [1, 0, 1, 2, 3])
    }

    /// Few streams are looked for one by one, many by hashing.
    @Test(arguments: [0, 20])
    func entityUnderTwoRootsIsRefused(othersCount: Int) {
        let others = (0 ..< othersCount).map { (id: 100 + $0, root: 100 + $0) }
        for pairs in [
            [(2, 1), (2, 3)], [(1, 1), (2, 2), (1, 2)], [(2, 1), (3, 2)], [(3, 2), (2, 1)],
        ] as [[(id: Int, root: Int)]] {
            let error = #expect(throws: StoreError.self) { try list(others + pairs) }
            #expect(error?.code == .invalidArgument, "\(pairs)")
            #expect(error?.message.hasPrefix("Event \(othersCount + pairs.count - 1) ") == true, "\(pairs)")
        }
    }
}
