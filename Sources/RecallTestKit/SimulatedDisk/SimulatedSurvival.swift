// The dice of a crash: which of the unsynced changes reach the disk. One seed, one outcome.

/// What survives a crash beside what was synced.
package enum SimulatedCrash: Hashable, Sendable {
    /// Nothing: the harshest disk that keeps its promises.
    case losingEverythingUnsynced
    /// Everything: what a killed process leaves behind.
    case keepingEverything
    /// Any subset of the unsynced sectors, sizes and directory entries, drawn from a seed.
    case arbitrary(seed: UInt64)
}

/// Decides for each unsynced change whether it survives.
struct SimulatedSurvival {
    /// How a group of changes fares. Whole groups that are kept or lost are as likely as mixtures,
    /// because the mistakes of recovery differ.
    enum Style {
        case none, all
        /// Each change survives with this chance, in 1/256.
        case some(UInt8)
    }

    private let crash: SimulatedCrash
    private var generator: SeededGenerator

    init(_ crash: SimulatedCrash) {
        self.crash = crash
        if case .arbitrary(let seed) = crash {
            generator = SeededGenerator(seed: seed)
        } else {
            generator = SeededGenerator(seed: 0)
        }
    }

    mutating func nextStyle() -> Style {
        switch crash {
        case .losingEverythingUnsynced: return .none
        case .keepingEverything: return .all
        case .arbitrary:
            switch UInt8.random(in: 0 ..< 8, using: &generator) {
            case 0: return .none
            case 1: return .all
            case 2: return .some(16)
            case 3: return .some(240)
            default: return .some(128)
            }
        }
    }

    mutating func keeps(_ style: Style) -> Bool {
        switch style {
        case .none: false
        case .all: true
        case .some(let chance): UInt8.random(in: .min ... .max, using: &generator) < chance
        }
    }

    /// An earlier state in place of the newest, now and then; nil for the newest.
    mutating func older<State>(of states: [State]) -> State? {
        guard case .arbitrary = crash, !states.isEmpty else { return nil }
        guard UInt8.random(in: 0 ..< 4, using: &generator) == 0 else { return nil }
        return states.randomElement(using: &generator)
    }

    /// How many changes from the front survive, where a file system keeps the order of changes;
    /// nil where each is decided alone.
    mutating func orderedCount(of count: Int) -> Int? {
        guard case .arbitrary = crash, Bool.random(using: &generator) else { return nil }
        return Int.random(in: 0 ... count, using: &generator)
    }
}
