// What a node of a cluster says about who has which slots, checked part by part.

internal import Recall

/// The answer to `CLUSTER SLOTS`.
struct ClusterMap {
    private struct Range {
        var slots: ClosedRange<Int64>
        var master: RedisAddress
    }

    private var ranges: [Range] = []
    /// Every node that is named, masters and replicas, each once.
    private(set) var nodes: [RedisAddress] = []

    /// - Parameters:
    ///   - reply: the answer: for each range its first and last slot, its master, and its replicas, each as host, port
    ///     and more.
    ///   - source: who answered, whose host is meant where none is named.
    init(_ reply: RedisReply, from source: RedisAddress) throws(RedisFailure) {
        let unexpected = RedisFailure.unexpected(reply, to: "CLUSTER SLOTS")
        guard let entries = reply.elements else { throw unexpected }
        for entry in entries {
            guard let parts = entry.elements, parts.count >= 3, let first = parts[0].integer,
                let last = parts[1].integer, 0 <= first, first <= last, last < Int64(ClusterSlot.count)
            else { throw unexpected }
            var addresses: [RedisAddress] = []
            for part in parts[2...] {
                guard let words = part.elements, words.count >= 2, let number = words[1].integer,
                    let port = UInt16(exactly: number)
                else { throw unexpected }
                var host = words[0].text ?? ""
                if host.isEmpty || host == "?", case .tcp(let same, _) = source { host = same }
                addresses.append(.tcp(host: host, port: port))
            }
            ranges.append(Range(slots: first ... last, master: addresses[0]))
            for address in addresses where !nodes.contains(address) { nodes.append(address) }
        }
    }

    func master(of slot: UInt16) -> RedisAddress? {
        ranges.first { $0.slots.contains(Int64(slot)) }?.master
    }
}
