// What an index knows of one aggregate.

/// An aggregate as it stands behind the last frame that an index covers.
package struct AggregateEntry: Hashable, Sendable {
    package var id: RawIdentifier
    /// The version of the last event of its own stream; 0 for none.
    package var version: UInt64
    /// The position of the last event of its own or, for a root, of its children.
    package var graphPosition: UInt64
    /// In memory, the newest reference; in a file, the first of its references.
    package var reference: Int
    package var referenceCount: Int

    package init(
        id: RawIdentifier, version: UInt64, graphPosition: UInt64, reference: Int, referenceCount: Int
    ) {
        self.id = id
        self.version = version
        self.graphPosition = graphPosition
        self.reference = reference
        self.referenceCount = referenceCount
    }
}
