// The suite that every snapshot store has to pass, on snapshot files over both disks.

import Recall
import RecallLog
import RecallTestKit
import RecallThreads
import Testing

@Suite struct LogSnapshotStoreConformanceTests {
    private static func instance(
        _ room: SnapshotRoom, _ pool: BlockingPool
    ) -> ConformanceInstance<any SnapshotStore> {
        let files = room.open()
        return ConformanceInstance(
            store: LogSnapshotStore(files: files, pool: pool),
            reopen: {
                files.close()
                return instance(room, pool)
            }, dispose: { files.close() })
    }

    @Test(arguments: SnapshotStoreConformance.cases, DiskUnderTest.allCases)
    func snapshotFilesConform(_ condition: SnapshotStoreConformance.Case, kind: DiskUnderTest) async throws {
        let outcome = try await condition.run(
            on: SnapshotStoreConformance.Subject {
                let pool = try BlockingPool(threadCount: 2)
                return Self.instance(try SnapshotRoom(kind), pool)
            })
        #expect(outcome == .passed)
    }
}
