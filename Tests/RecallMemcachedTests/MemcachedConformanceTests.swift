// The snapshot store on a real server, held against the suite that every snapshot store has to pass.

import Foundation
import Recall
import RecallMemcached
import RecallTestKit
import Testing

@Suite(.serialized, .needsMemcached) struct MemcachedConformanceTests {
    @Test(arguments: SnapshotStoreConformance.cases)
    func snapshotStoreConforms(_ condition: SnapshotStoreConformance.Case) async throws {
        let port = try await MemcachedBench.port
        let configuration = MemcachedBench.configuration([port])
        // What is on the server stays when the store goes.
        @Sendable func instance() throws -> ConformanceInstance<any SnapshotStore> {
            ConformanceInstance(store: try MemcachedSnapshotStore(configuration), reopen: { try instance() })
        }
        #expect(try await condition.run(on: ConformanceSubject { try instance() }) == .passed)
    }
}
