// How an entity says where its children are, without reflection: by key path, checked by the compiler.

/// Children of an entity: a list of them, or one or none.
public struct EntityChildren<Parent: Entity>: Sendable {
    let access: any EntityChildAccess<Parent>

    /// The children in a list: `static let children: [EntityChildren<Company>] = [.list(\.employees)]`.
    public static func list<Child: Entity>(
        _ keyPath: any WritableKeyPath<Parent, EntityList<Child>> & Sendable
    ) -> EntityChildren {
        EntityChildren(access: EntityListAccess(keyPath: keyPath))
    }

    /// The child in an optional property, while there is one: `.child(\.ceo)`. Assign it in `apply` only, as lists are changed, and reach
    /// it as `ceo?.promote(to: title)`.
    public static func child<Child: Entity>(
        _ keyPath: any WritableKeyPath<Parent, Child?> & Sendable
    ) -> EntityChildren {
        EntityChildren(access: EntityAccess(keyPath: keyPath))
    }
}
