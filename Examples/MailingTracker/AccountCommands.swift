// What can be asked of an account. Each command that is carried out leads to exactly one event, which is
// what the program counts in the end.

import Recall

/// Why an account says no.
enum AccountRefusal: Error, Hashable {
    case alreadyOpen
    case notOpen
    case unknownMember(AggregateID)
    case unknownCampaign(AggregateID)
    case unknownMailing(AggregateID)
}

struct OpenAccount: Command {
    var name: String

    func execute(on account: inout Account) throws(AccountRefusal) {
        if account.version != .beforeFirst { throw .alreadyOpen }
        account.stage(.opened(AccountOpened(name: name)))
    }
}

struct AddMember: Command {
    var memberID: AggregateID
    var address: String

    func execute(on account: inout Account) throws(AccountRefusal) {
        if account.version == .beforeFirst { throw .notOpen }
        account.stage(.memberJoined(MemberJoined(memberID: memberID, address: address)))
    }
}

struct ChangeMemberAddress: Command {
    var memberID: AggregateID
    var address: String

    func execute(on account: inout Account) throws(AccountRefusal) {
        guard account.members.contains(memberID) else { throw .unknownMember(memberID) }
        account.members[memberID]?.stage(.addressChanged(MemberAddressChanged(address: address)))
    }
}

struct StartCampaign: Command {
    var campaignID: AggregateID
    var title: String

    func execute(on account: inout Account) throws(AccountRefusal) {
        if account.version == .beforeFirst { throw .notOpen }
        account.stage(.campaignStarted(CampaignStarted(campaignID: campaignID, title: title)))
    }
}

struct SendMailing: Command {
    var campaignID: AggregateID
    var mailingID: AggregateID
    var subject: String

    func execute(on account: inout Account) throws(AccountRefusal) {
        guard account.campaigns.contains(campaignID) else { throw .unknownCampaign(campaignID) }
        account.campaigns[campaignID]?.stage(
            .mailingSent(MailingSent(mailingID: mailingID, subject: subject)))
    }
}

/// Something that a member does with a mailing.
struct RecordReaction: Command {
    var campaignID: AggregateID
    var mailingID: AggregateID
    var memberID: AggregateID
    var event: MailingEvent

    func execute(on account: inout Account) throws(AccountRefusal) {
        guard account.members.contains(memberID) else { throw .unknownMember(memberID) }
        guard let campaign = account.campaigns[campaignID] else { throw .unknownCampaign(campaignID) }
        guard campaign.mailings.contains(mailingID) else { throw .unknownMailing(mailingID) }
        account.campaigns[campaignID]?.mailings[mailingID]?.stage(event)
    }
}
