// A change of a child that is not there. It is an error of its own and not the domain's, which may know a better one.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A child was to be changed, and there is none with this id.
public struct AbsentChild: LocalizedError, Hashable, CustomStringConvertible {
    /// The id that no child has.
    public let id: AggregateID
    /// What kind of child was looked for.
    public let type: AggregateType

    /// There is no child of a kind with an id.
    public init(id: AggregateID, type: AggregateType) {
        self.id = id
        self.type = type
    }

    /// One sentence: what is missing, and what to do next.
    public var errorDescription: String? { description }

    public var description: String {
        "There is no \(type) with the id \(id) among the children: correct the id, or let the child be added first."
    }
}
