// Given, when, then: a scenario passes where all is as expected, and says what is different where it is not. Who tests the tests: each thing that it is
// to find is put in once.

import Foundation
import Recall
import RecallTestKit
import RecallTesting
import Testing

private enum TallyEvent: Event {
    case counted(by: Int)
    case closed
    enum CodingKeys: String, CodingKey, CaseIterable { case counted = "Counted", closed = "TallyClosed" }
    var isFinal: Bool { if case .closed = self { true } else { false } }
}

/// Counts; a bug can be asked for.
private struct Tally: AggregateRoot {
    static let aggregateType: AggregateType = "Tally"
    var lifecycle: EntityLifecycle
    var total = 0
    var looks = 0
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: TallyEvent) {
        switch event {
        case .counted(let number): total += number
        case .closed: break
        }
    }
}

/// Leaves out of a snapshot what only its events give.
private struct Forgetful: AggregateRoot {
    static let aggregateType: AggregateType = "Forgetful"
    var lifecycle: EntityLifecycle
    var total = 0
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: TallyEvent) {
        if case .counted(let number) = event { total += number }
    }
    enum CodingKeys: String, CodingKey { case lifecycle, total }
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        lifecycle = try container.decode(EntityLifecycle.self, forKey: .lifecycle)
        // Once too many for a state that comes from a snapshot.
        total = try container.decode(Int.self, forKey: .total) * 2
    }
}

struct ScenarioTests {
    struct Refused: Error, Equatable { var reason = "" }

    let book = AggregateID()
    let line = AggregateID()

    func failure(_ body: () async throws -> Void) async -> String {
        do { try await body() } catch {
            return (error as? ScenarioFailure)?.message ?? "another error: \(error)"
        }
        return "no failure"
    }

    @Test func whatHappensAsExpectedPasses() async throws {
        let outcome = try await Scenario<BankAccount>()
            .given(.opened(cents: 100), .withdrawn(cents: 30))
            .given { $0.deposit(5) }
            .when { account in
                try account.withdraw(70)
                return account.cents
            }
            .then(.withdrawn(cents: 70))
        #expect(outcome.result == 5 && outcome.aggregate.cents == 5 && outcome.aggregate.version == 4)
        // Nothing is given, and nothing happens.
        try await Scenario<BankAccount>().when { $0.stage(.opened(cents: 1)) }.then(.opened(cents: 1))
        try await Scenario<BankAccount>().given(.opened(cents: 1)).when { _ in }.then()
        try await Scenario<BankAccount>().given(.opened(cents: 1)).when { try $0.withdraw(2) }
            .thenRefused(with: BankAccount.Overdrawn(cents: 1))
        try await Scenario<BankAccount>().given(.opened(cents: 1)).when { try $0.withdraw(2) }
            .thenRefused(as: BankAccount.Overdrawn.self)
        // One that has ended is compared as well.
        try await Scenario<Tally>().given(.counted(by: 1)).when { $0.stage(.closed) }.then(.closed)
    }

    @Test func childrenHaveAHistoryAndAFuture() async throws {
        let scenario = Scenario<BankBook>(book)
            .given([
                .root(.begun), .root(.lineAdded(id: line)), .child(BankBookLine.self, line, .noted("old")),
            ])
        try await scenario.when { book in
            #expect(book.lines[line]?.text == "old")
            book.lines[line]?.stage(.noted("new"))
            book.stage(.begun)
        }
        .then([.child(BankBookLine.self, line, .noted("new")), .root(.begun)])
        // The id that it gives itself.
        try await scenario.when { book in
            let id = AggregateID()
            book.note("x", as: id)
            return id
        }
        .then { id in [.root(.lineAdded(id: id)), .child(BankBookLine.self, id, .noted("x"))] }
        // The same event of another child is another event.
        let text = await failure {
            try await scenario.when { $0.lines[line]?.stage(.noted("new")) }
                .then([.child(BankBookLine.self, book, .noted("new"))])
        }
        #expect(text.contains("of BankBookLine \(line)   (happened"))
    }

    @Test func whatIsDifferentStandsInLines() async throws {
        let text = await failure {
            try await Scenario<BankAccount>()
                .given(.opened(cents: 100))
                .when { account in
                    account.deposit(1)
                    account.deposit(2)
                    try account.withdraw(3)
                }
                .then(
                    .deposited(cents: 1), .withdrawn(cents: 3), .deposited(cents: 4), fileID: "Here.swift",
                    line: 7)
        }
        #expect(
            text == """
                Here.swift:7: other events happened than were expected:
                    MoneyDeposited {"cents":1}
                  + MoneyDeposited {"cents":2}   (happened, and was not expected)
                    MoneyWithdrawn {"cents":3}
                  - MoneyDeposited {"cents":4}   (expected, and did not happen)
                """)
    }

    @Test func eachWayOfEndingOtherwiseIsSaid() async throws {
        let scenario = Scenario<BankAccount>().given(.opened(cents: 1))
        let refusal = await failure { try await scenario.when { try $0.withdraw(2) }.then() }
        #expect(refusal.contains("expected events, and it was refused: Overdrawn(cents: 1)"))
        let none = await failure {
            try await scenario.when { try $0.withdraw(1) }.thenRefused(with: BankAccount.Overdrawn(cents: 1))
        }
        #expect(none.contains("it was not:") && none.contains(#"+ MoneyWithdrawn {"cents":1}"#))
        let other = await failure {
            try await scenario.when { try $0.withdraw(2) }.thenRefused(with: BankAccount.Overdrawn(cents: 9))
        }
        #expect(other.contains("Overdrawn(cents: 9), and it was with Overdrawn(cents: 1)"))
        let given = await failure { try await scenario.given { try $0.withdraw(9) }.when { _ in }.then() }
        #expect(given.contains("what is given could not happen: Overdrawn(cents: 1)"))
    }

    @Test func stateThatNoEventGaveIsFound() async throws {
        let text = await failure {
            try await Scenario<Tally>().given(.counted(by: 1)).when { tally in
                tally.looks += 1
                tally.stage(.counted(by: 1))
            }
            .then(.counted(by: 1))
        }
        #expect(text.contains("looks is 1, and the events give 0"), "\(text)")
    }

    @Test func snapshotThatIsNotWhatTheEventsGiveIsFound() async throws {
        let text = await failure {
            try await Scenario<Forgetful>().given(.counted(by: 2)).when { $0.stage(.counted(by: 3)) }
                .then(.counted(by: 3))
        }
        #expect(
            text.contains("the snapshot is not what the events give") && text.contains("total"), "\(text)")
    }

    @Test func runsAreAlike() async throws {
        let runs = try await [0, 1].asyncMap { _ in
            let configuration = RepositoryConfiguration.fixed()
            try await Repository<BankAccount>(configuration).create(book) { $0.stage(.opened(cents: 1)) }
            return try await configuration.eventStore.read(EventQuery()).events
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0].first?.time.iso8601 == "2000-01-01T00:00:00.000000Z")
        #expect(runs[0].first?.id == .numbered(1))
        #expect(AggregateID.numbered(255).description == "00000000-0000-8000-8000-0000000000ff")
    }
}

extension Array {
    fileprivate func asyncMap<Other>(_ body: (Element) async throws -> Other) async rethrows -> [Other] {
        var results: [Other] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
