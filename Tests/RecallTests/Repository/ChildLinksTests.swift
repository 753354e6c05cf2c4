// The way from a root down to a child, by the links that a replay has noted.

import Testing

@testable import Recall

struct ChildLinksTests {
    let root = AggregateID()
    let child = AggregateID()
    let grandchild = AggregateID()

    @Test func wayLeadsThroughEachLevel() {
        var links = ChildLinks()
        links.note(child, childOf: root, listIndex: 1)
        links.note(grandchild, childOf: child, listIndex: 0)
        let first = ChildLinks.Step(listIndex: 1, id: child)
        #expect(links.path(to: child, from: root) == [first])
        #expect(
            links.path(to: grandchild, from: root)
                == [first, ChildLinks.Step(listIndex: 0, id: grandchild)])
    }

    @Test func entityThatMovesTakesItsChildrenAlong() {
        var links = ChildLinks()
        let other = AggregateID()
        links.note(child, childOf: root, listIndex: 0)
        links.note(other, childOf: root, listIndex: 0)
        links.note(grandchild, childOf: child, listIndex: 0)
        links.note(child, childOf: other, listIndex: 2)
        #expect(links.path(to: grandchild, from: root)?.map(\.id) == [other, child, grandchild])
    }

    @Test func whatNobodyNotedHasNoWay() {
        var links = ChildLinks()
        links.note(grandchild, childOf: child, listIndex: 0)
        #expect(links.path(to: grandchild, from: root) == nil)
        #expect(links.path(to: AggregateID(), from: root) == nil)
    }

    /// Entities with each other's ids, as a strange history can make them: the way ends, and leads nowhere.
    @Test(.timeLimit(.minutes(1))) func circleHasNoWay() {
        var links = ChildLinks()
        links.note(child, childOf: grandchild, listIndex: 0)
        links.note(grandchild, childOf: child, listIndex: 0)
        #expect(links.path(to: child, from: root) == nil)
        links.note(root, childOf: root, listIndex: 0)
        #expect(links.path(to: root, from: root) == [])
    }
}
