// The example domain: its story as it is printed, and what it refuses.

import Recall
import RecallTesting
import Synchronization
import Testing

@testable import PlanetExpressDomain

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

    @Test func companyRefusesWhatMakesNoSense() async throws {
        let fry = AggregateID()
        let new = Scenario<Company>()
        try await new.when { try $0.hire("Fry", as: "Boy") }.thenRefused(with: CompanyRefusal.notFounded)
        try await new.when { try $0.found(name: "") }.thenRefused(with: CompanyRefusal.nameMissing)
        try await new.when { try $0.found(name: "Planet Express") }
            .then(.founded(CompanyFounded(name: "Planet Express")))
        let company = new.given(.founded(CompanyFounded(name: "Planet Express")))
        try await company.when { try $0.found(name: "Again") }.thenRefused(
            with: CompanyRefusal.alreadyFounded)
        try await company.when { try $0.promote(fry, to: "Captain") }
            .thenRefused(with: CompanyRefusal.notEmployed(id: fry))
        try await company.when { try $0.hire("Fry", as: "Boy") }
            .then { id in [.root(.hired(EmployeeHired(employeeID: id, name: "Fry", title: "Boy")))] }
    }

    @Test func employeesArePromotedByTheirCompany() async throws {
        let fry = AggregateID()
        let company = Scenario<Company>()
            .given(
                .founded(CompanyFounded(name: "Planet Express")),
                .hired(EmployeeHired(employeeID: fry, name: "Fry", title: "Boy")))
        try await company.when { try $0.hire("Fry", as: "Cook") }
            .thenRefused(with: CompanyRefusal.alreadyEmployed(name: "Fry"))
        // What is already so is no event.
        try await company.when { try $0.promote(fry, to: "Boy") }.then()
        try await company.when { try $0.promote(fry, to: "Captain") }
            .then([.child(Employee.self, fry, .promoted(EmployeePromoted(title: "Captain")))])
        let promoted = company.given([
            .child(Employee.self, fry, .promoted(EmployeePromoted(title: "Captain")))
        ])
        try await promoted.when { try $0.promote(fry, to: "Captain") }.then()
    }
}
