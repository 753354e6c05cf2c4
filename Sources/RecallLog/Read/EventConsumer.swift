// What events are read for: pages copy them, a replay lends them, a batch keeps them for another thread. Reading is
// written once, against this, and made for each by the compiler.

package import Recall

/// Whether a walk goes on.
package enum WalkStep: Sendable { case goOn, stop }

/// Takes the events that a query finds, in the order of the query.
package protocol EventConsumer: ~Copyable {
    /// Is told of a commit before it is decompressed. Not of all: one whose streams are not wanted may be left out.
    /// - Returns: `stop` to end the reading before this commit.
    mutating func begin(_ commit: borrowing CommitHeader) -> WalkStep

    /// Takes an event, which is valid together with its bytes during the call only.
    mutating func take(_ event: EventFields, _ bytes: RawSpan) throws(StoreError) -> WalkStep
}
