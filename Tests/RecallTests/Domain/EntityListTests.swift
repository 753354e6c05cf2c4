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
                list.indices.allSatisfy({ list[$0].id == model[$0].id }), list.last?.id == model.last?.id,
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

    @Test func listIsACollectionWithPlaces() {
        let ids = (0 ..< 40).map { _ in AggregateID() }
        var list = EntityList<Member>()
        #expect(list.first == nil && list.indices.isEmpty)
        for id in ids { list.insert(Member(id: id)) }
        #expect(list.indices == 0 ..< 40 && list[39].id == ids[39])
        let copy = list
        list.remove(ids[0])
        list.remove(ids[20])
        // Each has its own order, also after both were looked at.
        #expect(list[0].id == ids[1] && copy[0].id == ids[0])
        #expect(list[19].id == ids[21] && copy[19].id == ids[19])
        #expect(list.reversed().map(\.id) == (ids[1 ..< 20] + ids[21...]).reversed())
        #expect(list[2 ..< 4].map(\.id) == [ids[3], ids[4]])
        #expect(list.index(list.startIndex, offsetBy: 37) == 37 && list.distance(from: 3, to: 38) == 35)
        list[ids[1]] = nil
        #expect(list[0].id == ids[2])
        list.insert(Member(id: ids[0]))
        #expect(list.last?.id == ids[0] && list.count == 38)
        list[ids[2]] = Member(id: ids[0])
        #expect(list.map(\.id) == (0 ..< 37).map { list[$0].id } && list.count == 37)
    }

    @Test func changingAnAbsentChildIsAnError() throws {
        let (known, absent) = (AggregateID(), AggregateID())
        var list = EntityList<Member>()
        list.insert(Member(id: known))
        let old = try list.change(known) { member in
            defer { member.name = "new" }
            return member.name
        }
        #expect(old == "" && list[known]?.name == "new")
        #expect(throws: AbsentChild(id: absent, type: "Member")) { try list.change(absent) { $0.name = "x" } }
        #expect(
            AbsentChild(id: absent, type: "Member").localizedDescription.contains(
                "no Member with the id \(absent)"))
        // The domain's own error keeps its type.
        do throws(Refusal) {
            try list.change(known, orThrow: Refusal.unknown) { $0.name = "newer" }
            try list.change(known, orThrow: Refusal.unknown) { member throws(Refusal) in
                try member.rename(to: "newest")
            }
            try list.change(absent, orThrow: Refusal.unknown) { $0.name = "x" }
            Issue.record("there is none")
        } catch {
            #expect(error == .unknown)
        }
        #expect(list[known]?.name == "newest")
        // What the change itself refuses is thrown, and an optional result is no absence.
        #expect(throws: Refusal.unknown) { try list.change(known) { try $0.rename(to: "") } }
        #expect(try list.change(known) { _ -> Int? in nil } == nil)
    }
}

/// What a child may refuse.
private enum Refusal: Error, Equatable { case unknown }

extension Member {
    fileprivate mutating func rename(to name: String) throws(Refusal) {
        if name.isEmpty { throw .unknown }
        self.name = name
    }
}
