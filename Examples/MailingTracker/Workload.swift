// The random commands. The workload remembers ids only, so that it knows what can be asked for; what
// accounts hold is known to the repository alone. The choice depends on the seed and nothing else; the
// ids are new each time, so that a store can be used again.

import Recall

/// Issues random commands, and counts them by the type of event that each leads to.
struct Workload {
    static let accountCountMax = 10
    static let campaignCountMax = 100
    static let mailingCountMax = 1000

    /// The commands in the order of the table: what is issued, and the event that it leads to.
    enum Kind: String, CaseIterable {
        case openAccount = "OpenAccount"
        case addMember = "AddMember"
        case changeMemberAddress = "ChangeMemberAddress"
        case startCampaign = "StartCampaign"
        case sendMailing = "SendMailing"
        case openMailing = "OpenMailing"
        case clickMailing = "ClickMailing"
        case shareMailing = "ShareMailing"

        var eventType: EventType {
            switch self {
            case .openAccount: AccountOpened.eventType
            case .addMember: MemberJoined.eventType
            case .changeMemberAddress: MemberAddressChanged.eventType
            case .startCampaign: CampaignStarted.eventType
            case .sendMailing: MailingSent.eventType
            case .openMailing: MailingOpened.eventType
            case .clickMailing: MailingClicked.eventType
            case .shareMailing: MailingShared.eventType
            }
        }

        /// How often it is chosen, relative to the others.
        var weight: Int {
            switch self {
            case .openAccount: 1
            case .addMember: 5
            case .changeMemberAddress: 2
            case .startCampaign: 3
            case .sendMailing: 10
            case .openMailing: 50
            case .clickMailing: 20
            case .shareMailing: 9
            }
        }
    }

    private struct Known {
        var accountID: AggregateID
        var memberIDs: [AggregateID] = []
        var campaignIDs: [AggregateID] = []
        var mailings: [(campaignID: AggregateID, mailingID: AggregateID)] = []
    }

    private let repository: Repository<Account>
    private var random: SeededGenerator
    private var accounts: [Known] = []
    private var campaignCount = 0
    private var mailingCount = 0
    private(set) var issuedCounts: [Kind: Int] = [:]

    init(repository: Repository<Account>, seed: UInt64) {
        self.repository = repository
        random = SeededGenerator(seed: seed)
    }

    /// Issues one random command: its account is loaded, changed and saved.
    mutating func issueCommand() async throws {
        let index = accounts.isEmpty ? nil : Int.random(in: accounts.indices, using: &random)
        let kind = chooseKind(for: index)
        if let index, kind != .openAccount {
            try await issue(kind, onAccountAt: index)
        } else {
            let id = AggregateID()
            try await repository.perform(
                OpenAccount(name: "Account \(accounts.count + 1)"), creating: id)
            accounts.append(Known(accountID: id))
        }
        issuedCounts[kind, default: 0] += 1
    }

    private mutating func chooseKind(for index: Int?) -> Kind {
        let possible = Kind.allCases.filter { isPossible($0, onAccountAt: index) }
        var choice = Int.random(in: 0 ..< possible.reduce(0) { $0 + $1.weight }, using: &random)
        for kind in possible {
            if choice < kind.weight { return kind }
            choice -= kind.weight
        }
        return .openAccount
    }

    private func isPossible(_ kind: Kind, onAccountAt index: Int?) -> Bool {
        guard let index else { return kind == .openAccount }
        let account = accounts[index]
        switch kind {
        case .openAccount: return accounts.count < Self.accountCountMax
        case .addMember: return true
        case .changeMemberAddress: return !account.memberIDs.isEmpty
        case .startCampaign: return campaignCount < Self.campaignCountMax
        case .sendMailing: return mailingCount < Self.mailingCountMax && !account.campaignIDs.isEmpty
        case .openMailing, .clickMailing, .shareMailing:
            return !account.memberIDs.isEmpty && !account.mailings.isEmpty
        }
    }

    private mutating func issue(_ kind: Kind, onAccountAt index: Int) async throws {
        let account = accounts[index]
        switch kind {
        case .openAccount: break
        case .addMember:
            let id = AggregateID()
            try await perform(AddMember(memberID: id, address: randomAddress()), on: account)
            accounts[index].memberIDs.append(id)
        case .changeMemberAddress:
            guard let id = account.memberIDs.randomElement(using: &random) else { return }
            try await perform(ChangeMemberAddress(memberID: id, address: randomAddress()), on: account)
        case .startCampaign:
            let id = AggregateID()
            campaignCount += 1
            try await perform(
                StartCampaign(campaignID: id, title: "Campaign \(campaignCount)"), on: account)
            accounts[index].campaignIDs.append(id)
        case .sendMailing:
            guard let campaignID = account.campaignIDs.randomElement(using: &random) else { return }
            let id = AggregateID()
            mailingCount += 1
            try await perform(
                SendMailing(campaignID: campaignID, mailingID: id, subject: "News \(mailingCount)"),
                on: account)
            accounts[index].mailings.append((campaignID, id))
        case .openMailing, .clickMailing, .shareMailing:
            try await react(kind, on: account)
        }
    }

    private mutating func react(_ kind: Kind, on account: Known) async throws {
        guard let mailing = account.mailings.randomElement(using: &random),
            let memberID = account.memberIDs.randomElement(using: &random)
        else { return }
        let event: MailingEvent
        switch kind {
        case .clickMailing:
            let link = "https://example.org/\(Int.random(in: 1...20, using: &random))"
            event = .clicked(MailingClicked(memberID: memberID, link: link))
        case .shareMailing:
            let network = Bool.random(using: &random) ? "mastodon" : "mail"
            event = .shared(MailingShared(memberID: memberID, network: network))
        default: event = .opened(MailingOpened(memberID: memberID))
        }
        try await perform(
            RecordReaction(
                campaignID: mailing.campaignID, mailingID: mailing.mailingID, memberID: memberID,
                event: event),
            on: account)
    }

    private func perform<Request: Command>(
        _ command: Request, on account: Known
    ) async throws where Request.Target == Account {
        try await repository.perform(command, on: account.accountID)
    }

    private mutating func randomAddress() -> String {
        "member-\(UInt32.random(in: 0 ... .max, using: &random))@example.org"
    }
}
