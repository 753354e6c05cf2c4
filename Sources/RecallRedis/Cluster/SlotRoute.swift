// Which server has the store: always the same one, or the master of its slot, which changes when a master fails and
// when slots are moved.

internal import Recall
internal import Synchronization

/// The way to the store's server.
final class SlotRoute: Sendable {
    /// What an error of a server says about the way.
    enum Direction: Hashable {
        case none
        /// The slot has another master, which the route knows now.
        case moved
        /// The next command, and it alone, is to be tried at another server.
        case ask(RedisAddress)
    }

    private struct State: Sendable {
        /// The master as far as it is known.
        var master: RedisAddress?
        /// The nodes that may know it, the most promising first.
        var nodes: [RedisAddress]
    }

    private let seeds: [RedisAddress]
    private let slot: UInt16
    private let isCluster: Bool
    private let state: Mutex<State>

    init(_ deployment: RedisStoreConfiguration.Deployment, slot: UInt16) {
        self.slot = slot
        switch deployment {
        case .single(let address):
            isCluster = false
            seeds = [address]
            state = Mutex(State(master: address, nodes: []))
        case .cluster(let addresses):
            isCluster = true
            seeds = addresses
            state = Mutex(State(master: nil, nodes: addresses))
        }
    }

    /// The server, for messages.
    var description: String {
        guard isCluster else { return "\(seeds[0])" }
        if let master = state.withLock({ $0.master }) { return "\(master) of the cluster" }
        return "for slot \(slot) of the cluster at \(seeds.map(\.description).joined(separator: ", "))"
    }

    /// The server that has the store, after asking the nodes of the cluster where that is not known.
    func master(_ pool: ConnectionPool, until end: Deadline) throws(RedisFailure) -> RedisAddress {
        let (known, nodes) = state.withLock { ($0.master, $0.nodes) }
        if let known { return known }
        var reason = RedisFailure.connection("no node of the cluster is known", mayHaveRun: false)
        for node in nodes + seeds.filter({ !nodes.contains($0) }) {
            do throws(RedisFailure) {
                let connection = try pool.take(node, until: end)
                defer { pool.give(connection) }
                let map = try ClusterMap(try connection.call(RedisCommand("CLUSTER", "SLOTS")), from: node)
                guard let master = map.master(of: slot) else {
                    reason = .connection("\(node) says that no server has slot \(slot)", mayHaveRun: false)
                    continue
                }
                state.withLock { state in
                    state.master = master
                    state.nodes = map.nodes
                }
                return master
            } catch .connection(let what, _) {
                // Nothing of the store's was asked.
                reason = .connection("\(node): \(what)", mayHaveRun: false)
            } catch {
                reason = error
            }
        }
        throw reason
    }

    /// Forgets a master that did not do what a master does. It is asked last who the new one is.
    func doubt(_ address: RedisAddress) {
        guard isCluster else { return }
        state.withLock { state in
            if state.master == address { state.master = nil }
            if let index = state.nodes.firstIndex(of: address) {
                state.nodes.append(state.nodes.remove(at: index))
            }
        }
    }

    /// Learns from an error where the slot is, or is going to be.
    func follow(_ error: RedisServerError) -> Direction {
        guard isCluster, error.isRedirection, error.words.count >= 2 else {
            return .none
        }
        // "MOVED 3999 127.0.0.1:6381". The host may be left out: then it is that of the server which says so.
        let place = error.words[1]
        guard let colon = place.lastIndex(of: ":"), let port = UInt16(place[place.index(after: colon)...])
        else {
            return .none
        }
        let master = state.withLock { $0.master }
        var host = String(place[..<colon])
        if host.isEmpty || host == "?", case .tcp(let same, _)? = master ?? seeds.first { host = same }
        let address = RedisAddress.tcp(host: host, port: port)
        if error.code == "ASK" { return .ask(address) }
        state.withLock { state in
            state.master = address
            if !state.nodes.contains(address) { state.nodes.insert(address, at: 0) }
        }
        return .moved
    }
}
