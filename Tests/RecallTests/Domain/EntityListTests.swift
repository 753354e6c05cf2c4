// The list of children against a simple model, and as it is encoded.

import Foundation
import Recall
import Testing

struct EntityListTests {
    @Test func listAgreesWithASimpleModel() {
        let seed = UInt64.random(in: 0 ... .max)
        var state = seed
        func next(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        let ids = (0 ..< 60).map { _ in AggregateID() }
        var list = EntityList<Member>()
        var model: [(id: AggregateID, name: String)] = []
        for step in 0 ..< 5000 {
            let id = ids[next(60)]
            let known = model.firstIndex { $0.id == id }
            switch next(4) {
            case 0, 1:
                var member = Member(id: id)
                member.name = "\(step)"
                list.insert(member)
                if let known { model[known].name = "\(step)" } else { model.append((id, "\(step)")) }
            case 2:
                #expect(list.remove(id)?.name == known.map { model[$0].name }, "seed \(seed)")
                if let known { model.remove(at: known) }
            default:
                list[id]?.name = "changed"
                if let known { model[known].name = "changed" }
            }
            guard list.count == model.count, list.map(\.id) == model.map(\.id),
                list.map(\.name) == model.map(\.name),
                list.contains(id) == model.contains(where: { $0.id == id }),
                list[id]?.name == model.first(where: { $0.id == id })?.name
            else {
                Issue.record("The list differs from the model at step \(step), seed \(seed).")
                return
            }
        }
        list.removeAll { $0.name == "changed" }
        #expect(list.map(\.id) == model.filter { $0.name != "changed" }.map(\.id), "seed \(seed)")
    }

    @Test func listIsEncodedInOrderWithoutWhatIsStaged() throws {
        let ids = AgencyIDs()
        var agency = ids.staged()
        agency.add(AggregateID())
        let copy = try JSONDecoder().decode(Agency.self, from: JSONEncoder().encode(agency))
        #expect(copy == agency)
        #expect(!copy.hasStagedEvents)
        #expect(copy.departments[ids.department]?.teams[ids.team]?.members[ids.member]?.name == "James")
        #expect(copy.departments.map(\.id) == agency.departments.map(\.id))
    }

    /// The list kept the old id, too, which then led to the newcomer.
    @Test func assigningAnotherChildLeavesNothingOfTheOld() throws {
        let (old, new, third) = (AggregateID(), AggregateID(), AggregateID())
        var list = EntityList<Member>()
        list.insert(Member(id: old))
        list.insert(Member(id: third))
        var other = Member(id: new)
        other.name = "other"
        list[old] = other
        #expect(!list.contains(old) && list[old] == nil)
        #expect(list[new]?.name == "other")
        #expect(list.count == 2)
        #expect(list.map(\.id) == [third, new])
        #expect(list.remove(old) == nil)
        #expect(list.count == 2)
    }

    /// In place of a child that is there already: it is replaced, and stands where it stood.
    @Test func assigningAChildThatIsThereUnderAnotherIDKeepsItOnce() throws {
        let (first, second) = (AggregateID(), AggregateID())
        var list = EntityList<Member>()
        list.insert(Member(id: first))
        list.insert(Member(id: second))
        var other = Member(id: second)
        other.name = "other"
        list[first] = other
        #expect(list.map(\.id) == [second] && list.count == 1)
        #expect(list[second]?.name == "other" && list[first] == nil)
    }

    @Test func idThatStandsTwiceIsRefused() throws {
        let member = Member(id: AggregateID())
        let data = try JSONEncoder().encode([member, member])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(EntityList<Member>.self, from: data)
        }
    }
}
