// Verifying a store on a medium that does not give back what was written: each place is a finding, with what it costs, and never
// the signal that a look through a map would be.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct VerifyMediaTests {
    /// Without a header of the store nothing else is looked at.
    private static let losses = MediaLoss.all.filter {
        $0.testDescription != "both copies of the store's header"
    }

    @Test(arguments: losses, Bench.Kind.allCases.filter(\.isSimulated))
    func whatCannotBeReadIsAFinding(loss: MediaLoss, kind: Bench.Kind) throws {
        let whole = try SalvageStore(kind)
        let outcome = try loss.find(whole)
        let store = try whole.losing(outcome.ranges)
        let report = try Log.verify(at: store.path, disk: store.disk)
        #expect(!report.isWhole)
        // No map was refused, so none was asked for of what is lost.
        #expect(try store.maps().allSatisfy { $0.errorNumber == 0 })

        if let headless = outcome.headless {
            #expect(report.findings.map(\.subject) == [.segment])
            #expect(report.findings.map(\.segment) == [headless])
            #expect(report.findings.first?.reason.contains("medium") == true, "\(report.findings)")
            return
        }
        let unreadable = report.findings.filter { $0.subject == .medium }.map {
            UnreadableNote(segment: $0.segment, offset: $0.offset, count: $0.unreadableByteCount)
        }
        #expect(Set(unreadable) == outcome.notes.filter { $0.segment != nil })
        let end = try #require(store.commits.last).positions.upperBound
        let lost = report.findings.reduce(into: Set<UInt64>()) { lost, finding in
            guard let positions = finding.positions else { return }
            lost.formUnion(positions.lowerBound.rawValue ... positions.upperBound.rawValue)
        }
        // Nothing tells of the last events where nothing behind them is left.
        if outcome.lost.contains(end) {
            #expect(lost.isSubset(of: outcome.lost), "\(report.findings)")
            #expect(report.lastPosition.rawValue < (outcome.lost.min() ?? 0))
        } else {
            #expect(lost == outcome.lost, "\(report.findings)")
            #expect(report.lastPosition.rawValue == end)
        }
    }

    @Test(arguments: Bench.Kind.allCases.filter(\.isSimulated))
    func indexThatCannotBeReadIsNamedWithItsRange(kind: Bench.Kind) throws {
        let whole = try SalvageStore(kind)
        let names = try whole.inside.list(whole.path + "/indexes")
        try #require(!names.isEmpty)
        let page = SalvageStore.pageSize
        let store = try whole.losing(
            names.map { LostRange(path: "\(whole.path)/indexes/\($0)", range: page + 5 ..< page + 6) })
        let report = try Log.verify(at: store.path, disk: store.disk)
        #expect(report.findings.count == names.count)
        for finding in report.findings {
            #expect(finding.subject == .index)
            #expect(finding.kind == .index)
            #expect(finding.unreadableByteCount == page)
            #expect(finding.reason.contains("from byte \(page) on"), "\(finding.reason)")
        }
        #expect(report.eventCount == Int(try #require(store.commits.last).positions.upperBound))
    }

    @Test(arguments: Bench.Kind.allCases.filter(\.isSimulated), [true, false])
    func storeHeaderThatCannotBeReadIsNamed(kind: Bench.Kind, isSpareLeft: Bool) throws {
        let whole = try SalvageStore(kind, commitCount: 10)
        let range = isSpareLeft ? 9 ..< 10 : 9 ..< Format.headerCopiesSize
        let store = try whole.losing([LostRange(path: whole.path + "/store", range: range)])
        let report = try Log.verify(at: store.path, disk: store.disk)
        #expect(report.findings.map(\.subject) == [.storeHeader])
        #expect(report.findings.map(\.offset) == [isSpareLeft ? 0 : nil])
        #expect(report.findings.first?.reason.contains("medium") == true)
    }
}
