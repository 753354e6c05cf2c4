// The store as settings name it.

import Recall
import RecallMemcached
import RecallTestKit
import Testing

@Suite(.needsMemcached) struct MemcachedKindTests {
    @Test func storeIsMadeFromEverySettingThatItNames() async throws {
        let port = try await MemcachedBench.port
        let settings = SampleSettings([
            "servers": "127.0.0.1:\(port)", "namespace": "kind-tests", "expiry": "60000",
            "item_bytes_max": "4096",
            "payload_bytes_max": "10000", "connection_count": "1", "connect_timeout": "500",
            "request_timeout": "500", "retry_interval": "1000",
        ])
        let store = try await MemcachedSnapshotStore.make(from: settings)
        #expect(settings.asked == Set(MemcachedSnapshotStore.settingNames.map(\.name)))
        // Larger than an item and smaller than what is allowed, then larger than that.
        let snapshot = MemcachedBench.snapshot(bytes: 9000)
        try await store.save(snapshot)
        #expect(try await store.latest(of: snapshot.aggregateID) == snapshot)
        let error = await #expect(throws: StoreError.self) {
            try await store.save(MemcachedBench.snapshot(bytes: 10_001))
        }
        #expect(error?.code == .limitExceeded)
    }

    @Test(arguments: [
        ["servers": ""], ["servers": "a:b"], ["servers": "a,b:70000"], [:],
        ["servers": "a", "connection_count": "0"],
    ])
    func wrongSettingIsRejected(values: [String: String]) async throws {
        let wrong = values.keys.contains("connection_count") ? "connection_count" : "servers"
        let rejection = await #expect(throws: SampleSettings.Rejection.self) {
            try await MemcachedSnapshotStore.make(from: SampleSettings(values))
        }
        #expect(rejection?.setting == wrong)
    }
}
