// Which slot of a list the child at a place stands in, where some slots are empty. Made at the first look after a change, for most changes
// are followed by no look; copies of a list share it, and a change gives a list another one.

internal import Synchronization

/// The slots of a list that hold a child, in order.
final class SlotOrder: Sendable {
    private let slots = Mutex<[Int]?>(nil)

    /// The slot of the child at a place.
    func slot(at place: Int, count: Int, isTaken: (Int) -> Bool) -> Int {
        slots.withLock { known in
            if let known { return known[place] }
            let made = (0 ..< count).filter(isTaken)
            known = made
            return made[place]
        }
    }
}
