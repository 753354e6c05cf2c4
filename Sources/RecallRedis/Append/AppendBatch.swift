// Commits that go to the server together. Each is a script of its own and has its own outcome: one that is refused holds up none of
// the others. Blocking: it runs on the threads of the store's pool.
//
// Invariant: each commit is finished once, with what the server said of it, or with what is known when trying is given up.

internal import Recall

/// Appends several commits on one connection, and again on another those that have no outcome then.
struct AppendBatch {
    private let client: RedisClient
    /// Those without an outcome.
    private var pending: [PendingAppend]
    /// Whether an answer was lost, so that what is pending may be stored.
    private var isFateUnknown = false

    init(_ pending: [PendingAppend], of client: RedisClient) {
        self.pending = pending
        self.client = client
    }

    /// Gives each commit its outcome.
    mutating func run() {
        // Of those that are sent together each has a time of its own: whose is over is given up, and the others go on.
        while let time = pending.map(\.time).min(by: { $0.retryEnd < $1.retryEnd }) {
            do throws(CallFailure) {
                try client.perform("appending", time) { connection throws(RedisFailure) in
                    try attempt(on: connection)
                }
            } catch {
                let failure = isFateUnknown ? error.error.withUnknownFate : error.error.withNothingWritten
                // Judged once for each: time goes on meanwhile.
                var left: [PendingAppend] = []
                for append in pending {
                    if error.isTimeOver, !append.time.retryEnd.hasPassed {
                        left.append(append)
                    } else {
                        append.finish(.failure(failure))
                    }
                }
                pending = left
            }
        }
    }

    /// Sends all that are pending, once.
    /// - Throws: why some are pending still.
    private mutating func attempt(on connection: RedisConnection) throws(RedisFailure) {
        var answers = [RedisReply?](repeating: nil, count: pending.count)
        var failure: RedisFailure?
        let calls = pending.map { $0.request.arguments(isProving: !connection.areRightsProved) }
        let handshake = client.pool.handshake
        try handshake.lookAgain(at: connection)
        var look: RedisReply?
        do throws(RedisFailure) {
            try RedisScript.append.run(calls, followedBy: handshake.question, on: connection) {
                if $0 < answers.count { answers[$0] = $1 } else { look = $1 }
            }
        } catch {
            failure = error
        }

        var left: [PendingAppend] = []
        var stored: [(append: PendingAppend, receipt: CommitReceipt)] = []
        var postponed: RedisServerError?
        for (append, answer) in zip(pending, answers) {
            switch answer {
            case nil: left.append(append)
            case .error(let error) where error.isRedirection || error.isTemporary:
                left.append(append)
                // Of several reasons, where the slot has gone to helps the most.
                if postponed == nil || error.isRedirection { postponed = error }
            case .error(let error):
                // A script ends with an error of the server before its first write only.
                let failure = error.storeError(from: client.route.description, doing: "appending")
                finish(append, isFateUnknown ? failure : failure.withNothingWritten)
            case let answer?:
                do throws(StoreError) {
                    let server = "\(connection.address)"
                    let receipt = try append.request.receipt(from: answer, of: server)
                    if !receipt.wasStoredBefore { connection.areRightsProved = true }
                    stored.append((append, receipt))
                } catch {
                    finish(append, error)
                }
            }
        }
        let replicas = ReplicaWait(client.configuration)
        do throws(RedisFailure) {
            if !stored.isEmpty, handshake.question != nil {
                // Without it nobody can say that the server kept its promise when it answered.
                if let failure { throw failure }
                if let look { try handshake.confirm(look, of: connection) }
            }
            if !stored.isEmpty, replicas.isNeeded {
                // Without the connection that wrote them nobody can say which replica has them.
                if let failure { throw failure }
                try replicas.run(on: connection)
            }
            for (append, receipt) in stored { append.finish(.success(receipt)) }
        } catch .store(let error) {
            for (append, _) in stored { finish(append, error) }
        } catch {
            left += stored.map(\.append)
            failure = error
        }

        pending = left
        if case .connection(_, mayHaveRun: true) = failure { isFateUnknown = true }
        if let failure { throw failure }
        if let postponed { throw .server(postponed) }
    }

    /// A judgement of the script is final: a commit that is stored it would have known. Other errors leave open what became of
    /// an earlier attempt.
    private func finish(_ append: PendingAppend, _ error: StoreError) {
        let isOpen = isFateUnknown && error.code == .unavailable
        append.finish(.failure(isOpen ? error.withUnknownFate : error))
    }
}

extension StoreError {
    /// The same error of an append that may have been carried out.
    fileprivate var withUnknownFate: StoreError {
        var error = self
        error.message +=
            " The answer to an earlier attempt was lost, so whether the commit is stored is not known: append it again with the same event ids, which stores it once."
        return error
    }

    /// The same error of an append that was never sent whole.
    var withNothingWritten: StoreError {
        var error = self
        if !message.contains("nothing was written") { error.message += " Nothing was written." }
        return error
    }
}
