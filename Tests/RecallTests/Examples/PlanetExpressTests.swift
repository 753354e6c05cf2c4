// The example domain: its story as it is printed, and what it refuses.

import PlanetExpressDomain
import Recall
import Synchronization
import Testing

struct PlanetExpressTests {
    @Test func storyPrintsTheCompanyAsItWasStored() async throws {
        let store = MemoryEventStore()
        let openCount = Mutex(0)
        let closeCount = Mutex(0)
        let lines = Gathered<String>()
        let replayed = Gathered<RecordedEvent>()
        let story = PlanetExpressStory {
            openCount.withLock { $0 += 1 }
            return PlanetExpressStory.Session(events: store) { closeCount.withLock { $0 += 1 } }
        }
        try await story.tell(print: { lines.add($0) }, replayed: { replayed.add($0) })
        #expect(
            lines.values == ["Planet Express", " - Turanga Leela, Captain", " - Philip Fry, Narwhal Trainer"])
        #expect(
            replayed.values.map(\.type)
                == ["CompanyFounded", "EmployeeHired", "EmployeeHired", "EmployeePromoted"])
        #expect(openCount.withLock { $0 } == 2 && closeCount.withLock { $0 } == 2)
    }

    @Test func companyRefusesWhatMakesNoSense() throws {
        let id = AggregateID()
        var company = Company(id: id)
        #expect(throws: CompanyRefusal.notFounded) { try company.hire("Fry", as: "Boy") }
        #expect(throws: CompanyRefusal.nameMissing) { try company.found(name: "") }
        try company.found(name: "Planet Express")
        #expect(throws: CompanyRefusal.alreadyFounded) { try company.found(name: "Again") }
        let fry = try company.hire("Fry", as: "Boy")
        #expect(throws: CompanyRefusal.alreadyEmployed(name: "Fry")) { try company.hire("Fry", as: "Cook") }
        #expect(throws: CompanyRefusal.notEmployed(id: id)) { try company.promote(id, to: "Captain") }
        try company.promote(fry, to: "Boy")
        #expect(company.stagedEvents.count == 2)
        try company.promote(fry, to: "Captain")
        #expect(company.stagedEvents.count == 3 && company.employees[fry]?.title == "Captain")
    }
}
