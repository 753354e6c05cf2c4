// The names of a store's keys on the server. All have the store's name as their hash tag, so that a cluster keeps them
// in one slot, where a script may touch them together.

internal import Recall

/// The keys of one store.
struct StoreKeys: Sendable {
    /// The version of the layout of the keys and of what they hold.
    static let formatVersion = "1"
    /// Scripts count in numbers of floating point, which are exact up to here.
    static let positionMax: UInt64 = 1 << 53 - 1

    private let prefix: String

    init(name: String) { prefix = "{\(name)}:" }

    /// A stream: an entry `<position>-0` for each event.
    var log: String { prefix + "log" }
    /// A stream of one entry, `<last position>-0`, for who wants to know it or waits for the next.
    var head: String { prefix + "head" }
    /// A hash: the position of each event id.
    var ids: String { prefix + "ids" }
    /// A hash: the version of the format, and how many commits were repeated.
    var about: String { prefix + "about" }
    /// Two streams of one entry, named as lists are, on which the script tries whether it may write lists.
    var rights: [String] { [prefix + "s:rights", prefix + "g:rights"] }
    /// A list: the positions of the events of an aggregate's own stream.
    func stream(_ id: AggregateID) -> String { prefix + "s:" + id.description }
    /// A list: the positions of the events of a root and its children.
    func graph(_ id: AggregateID) -> String { prefix + "g:" + id.description }
}
