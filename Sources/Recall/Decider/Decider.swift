// The functional style of a domain: a state, a function that decides, and a function that evolves. Jérémie Chassaing's Decider
// (https://thinkbeforecoding.com/post/2021/12/17/functional-event-sourcing-decider), as a type whose functions know nothing of
// identities, versions and stores.

/// A domain of pure functions: what a command makes happen in a state, and what state follows.
///
///     enum Till: Decider {
///         enum Command { case open, add(cents: Int), close }
///         static let aggregateType: AggregateType = "Till"
///         static let initialState = TillState()
///
///         static func decide(_ command: Command, in state: TillState) throws(TillRefusal) -> [TillEvent] { … }
///         static func evolve(_ state: inout TillState, with event: TillEvent) { … }
///     }
///
/// A `Repository<Decided<Till>>` keeps it as it keeps any aggregate.
public protocol Decider: Sendable {
    /// What decisions need to know. It is what snapshots hold.
    associatedtype State: Codable & Sendable
    /// What can be asked.
    associatedtype Command
    /// What can happen.
    associatedtype Fact: Event
    /// Why nothing happens.
    associatedtype Refusal: Error

    /// The stable name under which the events are stored.
    static var aggregateType: AggregateType { get }

    /// Raise it when `evolve` changes what it does and the stored properties of the state do not show it. Snapshots of other versions are ignored.
    static var snapshotSchemaVersion: UInt32 { get }

    /// The state before the first event.
    static var initialState: State { get }

    /// What happens when a command meets a state; nothing is an answer, too. It depends on both and on nothing else, and may be called several times.
    static func decide(_ command: Command, in state: State) throws(Refusal) -> [Fact]

    /// Changes the state as an event says. It depends on both and on nothing else, and cannot refuse: the event has happened.
    static func evolve(_ state: inout State, with event: Fact)
}

extension Decider {
    /// 1, until a decider says otherwise.
    public static var snapshotSchemaVersion: UInt32 { 1 }
}
