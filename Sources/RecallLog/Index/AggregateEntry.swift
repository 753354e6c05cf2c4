// What an index knows of one aggregate.

/// An aggregate as it stands behind the last frame that an index covers.
package struct AggregateEntry: Hashable, Sendable {
    package var id: RawIdentifier
    /// The version of the last event of its own stream; 0 for none.
    package var version: UInt64
    /// The position of the last event of its own or, for a root, of its children.
    package var graphPosition: UInt64

    package init(id: RawIdentifier, version: UInt64, graphPosition: UInt64) {
        self.id = id
        self.version = version
        self.graphPosition = graphPosition
    }
}
