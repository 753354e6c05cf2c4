// How an entity says where its children are, without reflection: by key path, checked by the compiler.

/// A list of children of an entity.
public struct EntityChildren<Parent: Entity>: Sendable {
    let access: any EntityChildAccess<Parent>

    /// The children in a list: `static let children: [EntityChildren<Company>] = [.list(\.employees)]`.
    public static func list<Child: Entity>(
        _ keyPath: any WritableKeyPath<Parent, EntityList<Child>> & Sendable
    ) -> EntityChildren {
        EntityChildren(access: EntityListAccess(keyPath: keyPath))
    }
}
