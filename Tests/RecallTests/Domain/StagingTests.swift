// What is staged anywhere in a graph comes out at the root, all of it, in the order in which it happened.

import Recall
import Testing

struct StagingTests {
    let ids = AgencyIDs()

    @Test func eventIsAppliedAndCountedAtOnce() {
        var agency = Agency(id: ids.agency)
        #expect(agency.version == 0 && !agency.hasStagedEvents)
        agency.rename("A")
        agency.rename("B")
        #expect(agency.name == "B" && agency.version == 2 && agency.hasStagedEvents)
        #expect(agency.stagedNames == ["A", "B"])
    }

    @Test func orderIsKeptOverLevelsAndSiblingLists() {
        var agency = ids.staged()
        var expected = agency.stagedNames
        for round in 0 ..< 5 {
            agency.offices[ids.office]?.rename("office \(round)")
            agency.departments[ids.department]?.teams[ids.team]?.members[ids.member]?.rename("m \(round)")
            agency.departments[ids.department]?.rename("department \(round)")
            agency.rename("agency \(round)")
            agency.departments[ids.department]?.teams[ids.team]?.rename("team \(round)")
            expected += [
                "office \(round)", "m \(round)", "department \(round)", "agency \(round)", "team \(round)",
            ]
        }
        #expect(agency.stagedNames == expected)
    }

    @Test func eventsOfARemovedChildAreKept() {
        var agency = ids.staged()
        agency.departments[ids.department]?.teams[ids.team]?.members[ids.member]?.rename("Bond")
        agency.departments[ids.department]?.teams[ids.team]?.remove(ids.member)
        agency.departments[ids.department]?.rename("MI5")
        agency.remove(ids.department)
        #expect(agency.departments.isEmpty)
        #expect(agency.stagedNames == ["MI6", "James", "Bond", "MI5"])
        #expect(agency.stagedEvents.count == 10)
    }

    @Test func eventsOfChildrenInAReplacedListAreKept() {
        var agency = ids.staged()
        agency.departments[ids.department]?.dissolve()
        agency.dissolve()
        #expect(agency.stagedNames == ["MI6", "James"])
        agency.add(ids.department)
        agency.departments[ids.department]?.rename("again")
        #expect(agency.stagedNames == ["MI6", "James", "again"])
    }

    @Test func childCanBeCopiedOutChangedAndPutBack() {
        var agency = ids.staged()
        if var department = agency.departments[ids.department] {
            department.rename("copy")
            department.teams[ids.team]?.rename("copied team")
            agency.departments[ids.department] = department
        }
        agency.rename("last")
        #expect(agency.stagedNames == ["MI6", "James", "copy", "copied team", "last"])
    }

    @Test func childAssignedNilIsRemovedAndItsEventsStay() {
        var agency = ids.staged()
        agency.offices[ids.office]?.rename("gone")
        agency.offices[ids.office] = nil
        #expect(agency.offices.isEmpty)
        #expect(agency.stagedNames == ["MI6", "James", "gone"])
    }

    @Test func changeThatThrowsKeepsTheListWhole() {
        struct Refusal: Error {}
        var agency = ids.staged()
        #expect(throws: Refusal.self) {
            try agency.departments.modify(ids.department) { department throws(Refusal) in
                department.rename("half")
                throw Refusal()
            }
        }
        #expect(agency.departments[ids.department]?.name == "half")
        #expect(agency.stagedNames == ["MI6", "James", "half"])
        agency.departments.modifyAll { $0.rename("all") }
        #expect(agency.stagedNames == ["MI6", "James", "half", "all"])
    }

    @Test func copiesDoNotShareWhatIsStaged() {
        let before = ids.staged()
        var after = before
        after.offices[ids.office]?.rename("only here")
        #expect(before.stagedNames == ["MI6", "James"])
        #expect(after.stagedNames == ["MI6", "James", "only here"])
    }

    @Test func childThatStagedBeforeItCameKeepsItsEvents() {
        var member = Member(id: ids.member)
        member.rename("before")
        var team = Team(id: ids.team)
        team.rename("team")
        team.members.insert(member)
        team.rename("after")
        #expect(Set(team.stagedNames) == ["before", "team", "after"])
    }

    @Test func replayedEntityHasNothingStaged() {
        var agency = Agency(
            id: ids.agency, replaying: [.named(Named(name: "MI6")), .added(Added(id: ids.department))])
        #expect(agency.version == 2 && !agency.hasStagedEvents)
        agency.departments[ids.department]?.rename("D")
        #expect(agency.stagedNames == ["D"])
    }

    @Test func childInAForgottenListStopsTheProgram() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var team = ForgetfulTeam(id: AggregateID())
            let id = AggregateID()
            team.stage(.added(Added(id: id)))
            team.members[id]?.rename("lost")
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        // An optimized build, as the sanitizers have it, stops without the words.
        if _isDebugAssertConfiguration() {
            #expect(text.contains("Name the list in the parent's `children`"))
        }
    }
}

/// A parent that does not name its list.
private struct ForgetfulTeam: AggregateRoot {
    static let aggregateType: AggregateType = "ForgetfulTeam"
    var lifecycle: EntityLifecycle
    var members = EntityList<Member>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: NodeEvent) {
        if case .added(let added) = event { members.insert(Member(id: added.id)) }
    }
}
