// One client of libmemcached: its connections, and the calls that Recall makes, with lengths checked and memory given back. It
// blocks, so it is used on a thread of our own, by one caller at a time.

internal import CMemcached

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Recall

/// A failure of a server or of the way to it.
struct MemcachedFailure: Error {
    /// What libmemcached says; names the server.
    var text: String
    /// Whether the server took the request and refused the item as too large.
    var isTooLarge = false
    /// Whether the server did not answer, so that it is left alone for a while.
    var isAway = false
}

/// How a conditional store ended.
enum MemcachedOutcome: Sendable {
    case stored
    /// Somebody else was faster.
    case changed
}

/// A value and what it takes to replace that very one.
struct MemcachedItem: Sendable {
    var value: Data
    var token: UInt64
}

/// A client of libmemcached.
// The client is only reached through MemcachedClients, which hands it to one caller at a time.
final class MemcachedClient: @unchecked Sendable {
    private let client: UnsafeMutablePointer<memcached_st>
    private let book: FailureBook

    /// - Throws: `unavailable` where libmemcached has no memory, `invalidArgument` for a server it does not take.
    init(_ configuration: MemcachedConfiguration, _ book: FailureBook) throws(StoreError) {
        guard let client = memcached_create(nil) else {
            throw StoreError(.unavailable, "libmemcached could not make a client: free some memory.")
        }
        self.client = client
        self.book = book
        let behaviors: [(memcached_behavior_t, UInt64)] = [
            (MEMCACHED_BEHAVIOR_KETAMA, 1),
            // Without it, connecting waits as long as the system likes.
            (MEMCACHED_BEHAVIOR_NO_BLOCK, 1),
            (MEMCACHED_BEHAVIOR_TCP_NODELAY, 1),
            (MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1),
            (MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, configuration.connectTimeout.millisecondsAtLeastOne),
            (MEMCACHED_BEHAVIOR_POLL_TIMEOUT, configuration.requestTimeout.millisecondsAtLeastOne),
            // The book of the store says who is left alone; a client that knew better would not probe.
            (MEMCACHED_BEHAVIOR_RETRY_TIMEOUT, 0),
        ]
        for (behavior, value) in behaviors { memcached_behavior_set(client, behavior, value) }
        for server in configuration.servers {
            let result = memcached_server_add(client, server.host, in_port_t(server.port))
            guard result == MEMCACHED_SUCCESS else {
                throw StoreError(
                    .invalidArgument,
                    "libmemcached does not take the server \(server): \(Self.text(client, result))."
                )
            }
        }
    }

    deinit { memcached_free(client) }

    /// Asks the server of a key, unless that is left alone now.
    private func attempt<Value>(
        _ key: String, _ body: () throws(MemcachedFailure) -> Value
    ) throws(MemcachedFailure) -> Value {
        let server = memcached_generate_hash(client, key, key.utf8.count)
        let admission = book.admission(to: server)
        if case .leave = admission {
            throw MemcachedFailure(text: "its server failed a short while ago, and is left alone")
        }
        do throws(MemcachedFailure) {
            let value = try body()
            book.note(server, hasFailed: false, admission)
            return value
        } catch {
            book.note(server, hasFailed: error.isAway, admission)
            throw error
        }
    }

    /// The item of a key; nil where its server has none.
    func get(_ key: String) throws(MemcachedFailure) -> MemcachedItem? {
        try attempt(key) { () throws(MemcachedFailure) in
            let copy = strdup(key)
            defer { free(copy) }
            var pointer = copy.map { UnsafePointer($0) }
            var length = key.utf8.count
            let asked = memcached_mget(client, &pointer, &length, 1)
            guard asked == MEMCACHED_SUCCESS else { throw abandon(asked) }
            var item: MemcachedItem?
            var result = MEMCACHED_SUCCESS
            while let found = memcached_fetch_result(client, nil, &result) {
                defer { memcached_result_free(found) }
                let name = Self.data(memcached_result_key_value(found), memcached_result_key_length(found))
                guard name.elementsEqual(key.utf8) else { continue }
                item = MemcachedItem(
                    value: Self.data(memcached_result_value(found), memcached_result_length(found)),
                    token: memcached_result_cas(found))
            }
            guard [MEMCACHED_END, MEMCACHED_SUCCESS, MEMCACHED_NOTFOUND].contains(result) else {
                throw abandon(result)
            }
            return item
        }
    }

    /// Stores an item whatever was there.
    func set(_ key: String, _ value: some ContiguousBytes, expirySeconds: Int) throws(MemcachedFailure) {
        try attempt(key) { () throws(MemcachedFailure) in
            let result = store(key, value) { memcached_set(client, $0, $1, $2, $3, expirySeconds, 0) }
            guard result == MEMCACHED_SUCCESS || result == MEMCACHED_STORED else { throw failure(result) }
        }
    }

    /// Stores an item in place of the one that `token` came with, or where there is none.
    func replace(
        _ key: String, _ value: Data, token: UInt64?, expirySeconds: Int
    ) throws(MemcachedFailure) -> MemcachedOutcome {
        try attempt(key) { () throws(MemcachedFailure) in
            let result = store(key, value) { key, length, value, count in
                if let token {
                    return memcached_cas(client, key, length, value, count, expirySeconds, 0, token)
                }
                return memcached_add(client, key, length, value, count, expirySeconds, 0)
            }
            switch result {
            case MEMCACHED_SUCCESS, MEMCACHED_STORED: return .stored
            case MEMCACHED_DATA_EXISTS, MEMCACHED_NOTSTORED, MEMCACHED_NOTFOUND,
                MEMCACHED_DATA_DOES_NOT_EXIST:
                return .changed
            default: throw failure(result)
            }
        }
    }

    /// Removes an item; nothing happens where there is none.
    func delete(_ key: String) throws(MemcachedFailure) {
        try attempt(key) { () throws(MemcachedFailure) in
            let result = memcached_delete(client, key, key.utf8.count, 0)
            guard [MEMCACHED_SUCCESS, MEMCACHED_DELETED, MEMCACHED_NOTFOUND].contains(result) else {
                throw failure(result)
            }
        }
    }

    private func store(
        _ key: String, _ value: some ContiguousBytes,
        _ body: (UnsafePointer<CChar>, Int, UnsafePointer<CChar>?, Int) -> memcached_return_t
    ) -> memcached_return_t {
        value.withUnsafeBytes { bytes in
            body(key, key.utf8.count, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    /// Gives the connections up, since what other servers answer yet must not be taken for the next request's.
    private func abandon(_ result: memcached_return_t) -> MemcachedFailure {
        // In this order: who hangs up forgets why.
        let failure = failure(result)
        memcached_quit(client)
        return failure
    }

    private func failure(_ result: memcached_return_t) -> MemcachedFailure {
        // These are answers; what else goes wrong is a server that gave none.
        let isAnswer = [
            MEMCACHED_E2BIG, MEMCACHED_SERVER_ERROR, MEMCACHED_CLIENT_ERROR, MEMCACHED_NOT_SUPPORTED,
            MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE, MEMCACHED_BAD_KEY_PROVIDED,
        ].contains(result)
        return MemcachedFailure(
            text: Self.text(client, result), isTooLarge: result == MEMCACHED_E2BIG, isAway: !isAnswer)
    }

    private static func text(
        _ client: UnsafeMutablePointer<memcached_st>, _ result: memcached_return_t
    ) -> String {
        guard let text = memcached_last_error_message(client) ?? memcached_strerror(client, result) else {
            return "error \(result.rawValue)"
        }
        return String(cString: text)
    }

    private static func data(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> Data {
        guard let bytes, count > 0 else { return Data() }
        return Data(bytes: bytes, count: count)
    }
}
