// The example of README.md, word for word: a test compares the two, and the build proves that it compiles.
// It is set in lines as the page has it, to be seen at a glance.
// swift-format-ignore-file

import Recall
import RecallLog

struct Opened: EventPayload {
    static let eventType: EventType = "AccountOpened"
    var owner: String
}
struct Deposited: EventPayload {
    static let eventType: EventType = "MoneyDeposited"
    var cents: Int
}
enum AccountEvent: Event {
    case opened(Opened), deposited(Deposited)
    static let cases = [EventCase(Self.opened), EventCase(Self.deposited)]
    var payload: any EventPayload { switch self { case .opened(let e): e; case .deposited(let e): e } }
}

struct Account: AggregateRoot {
    static let aggregateType: AggregateType = "Account"
    var lifecycle: EntityLifecycle
    private(set) var owner = "", cents = 0
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: AccountEvent) {
        switch event {
        case .opened(let opened): owner = opened.owner
        case .deposited(let deposited): cents += deposited.cents
        }
    }
}

let log = try await Log.open(at: "bank")
let accounts = Repository<Account>(log)
let id = AggregateID()
try await accounts.create(id) { $0.stage(.opened(Opened(owner: "Hermes"))) }
try await accounts.update(id) { $0.stage(.deposited(Deposited(cents: 4200))) }  // on the disk from here on
print(try await accounts.load(id).cents)
for try await event in log.events.events() { print(event.position, event.type) }
try await log.close()
