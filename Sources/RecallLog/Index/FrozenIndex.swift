// An index in memory to which nothing is added any more, as an object: it is handed around and asked
// without its many arrays being counted each time.

/// The index of a sealed segment, or of the beginning of a tail, that no file has yet.
package final class FrozenIndex: Sendable {
    package let index: ActiveIndex

    package init(_ index: ActiveIndex) { self.index = index }
}
