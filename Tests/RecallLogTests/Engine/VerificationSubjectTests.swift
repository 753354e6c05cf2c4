// What a finding is about is named as a value. The other subjects are looked at where the tests spoil them: headers, dictionaries,
// what leads to the files of a single-file store, frames and indexes.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct VerificationSubjectTests {
    /// The checksum holds, and yet no store writes this: versions that are left out. (The time of a commit may be before that of the
    /// one that it follows: it is what the clock said.)
    @Test(
        arguments: [(version: 13, findings: [.commit]), (version: 11, findings: [])]
            as [(version: UInt64, findings: [VerificationFinding.Subject])])
    func commitThatDoesNotFollowIsTheSubject(version: UInt64, findings: [VerificationFinding.Subject]) throws
    {
        let store = try RecoveryTableTests.Subject()
        let offset = store.offsets[10]
        let frame = TestFrame.commit(
            Story.event(11, of: 1), at: offset, position: 11, durable: 10, version: version,
            time: store.header.baseTime, in: store.header)
        try store.write(frame, at: offset)
        let report = try Log.verify(at: "/store", disk: store.disk)
        #expect(report.findings.map(\.subject) == findings, "\(report.findings)")
        #expect(report.findings.map(\.kind) == findings.map { _ in .content })
        #expect(report.findings.map(\.offset) == findings.map { _ in offset })
        #expect(report.findings.map(\.positions) == findings.map { _ in 11 ... 11 })
    }

    /// Missing, or with less of it than its header says.
    @Test(arguments: [1, 2], [true, false])
    func segmentThatIsNotThereIsTheSubject(number: UInt64, isCutShort: Bool) throws {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        for number in 1 ... 150 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 1_000)]))
        }
        try log.closeBlocking()
        let disk = try #require(bench.disk as? SimulatedDisk)
        let names = try disk.list("/store/segments").sorted()
        try #require(names.count > 2)
        let path = "/store/segments/" + names[Int(number) - 1]
        if isCutShort {
            let file = try disk.open(path, .readWrite)
            try file.truncate(to: try file.size() / 2)
        } else {
            try disk.delete(path)
        }
        let report = try Log.verify(at: "/store", disk: disk)
        #expect(report.findings.map(\.subject) == [.segment])
        #expect(report.findings.map(\.kind) == [.file])
        #expect(report.findings.map(\.segment) == [number])
        #expect(report.findings.map(\.offset) == [nil])
    }
}
