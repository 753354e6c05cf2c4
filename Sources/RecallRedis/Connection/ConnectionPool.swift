// Connections that are not in use, by the server they lead to. There is no queue here: as many are made as there
// are threads to use them.

internal import Recall
internal import Synchronization

/// Lends connections, each to one borrower at a time.
final class ConnectionPool: Sendable {
    let handshake: Handshake
    private let idle = Mutex<[RedisAddress: [RedisConnection]]>([:])

    init(_ handshake: Handshake) { self.handshake = handshake }

    /// A connection to a server: one that was used before, or a new one.
    /// - Parameter end: when the time of the borrower's call is over.
    func take(_ address: RedisAddress, until end: Deadline) throws(RedisFailure) -> RedisConnection {
        let known = idle.withLock { $0[address]?.popLast() }
        let connection = if let known { known } else { try handshake.connect(to: address, until: end) }
        connection.callEnd = end
        return connection
    }

    /// Takes a connection back. One that is broken is closed, and so are its idle neighbours: what ended it has
    /// most likely ended them, and each would cost a caller an attempt.
    func give(_ connection: RedisConnection) {
        connection.isAsking = false
        idle.withLock { idle in
            if connection.isBroken {
                idle[connection.address] = nil
            } else {
                idle[connection.address, default: []].append(connection)
            }
        }
    }

    /// Closes the connections that are not in use.
    func removeAll() { idle.withLock { $0 = [:] } }
}
