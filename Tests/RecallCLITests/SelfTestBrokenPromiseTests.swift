// The self-test on a log that breaks a promise: each experiment has to find the bug that it is there for. The bugs are those of
// `Sabotage`, which release builds do not have.

import Foundation
import Recall
import RecallLog
import Testing

@testable import RecallCLI

@Suite(.enabled(if: Sabotages.isPossible)) struct SelfTestBrokenPromiseTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func failure(of check: some SelfTestCheck) -> String? {
        var random = SplitMix64(seed: 1)
        do {
            _ = try check.run(in: scratch.path, &random)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func configuration(_ sabotage: Sabotage?) -> LogConfiguration {
        var configuration = SelfTest.configuration()
        if let sabotage { configuration.sabotages = Sabotages(sabotage) }
        return configuration
    }

    @Test func aLogThatGoesOnAfterAFailedSyncIsFound() {
        func check(_ sabotage: Sabotage?) -> FailedCallCheck {
            FailedCallCheck(
                promise: "", calls: [.sync], number: FailedCallCheck.inputOutputError,
                configuration: configuration(sabotage))
        }
        #expect(failure(of: check(.resumeAfterFailure))?.contains("accepted a commit after that") == true)
    }

    @Test func aLogThatBelievesABadChecksumIsFound() {
        let check = FlippedBitCheck(configuration: configuration(.acceptBadChecksum))
        let found = failure(of: check)
        #expect(found?.contains("was read than was stored") == true, "\(found ?? "nothing")")
    }

    @Test func brokenPromisesEndTheProgramWithOne() throws {
        let held = SelfTest.Verdict(promise: "Two is two", detail: "counted", failure: nil)
        let broken = SelfTest.Verdict(promise: "Two is three", detail: "", failure: "it is two")
        #expect(throws: Never.self) {
            try SelfTestCommand.requireThatAllHeld([held, held], on: "here", leftIn: "/left")
        }
        let failure = #expect(throws: CommandFailure.self) {
            try SelfTestCommand.requireThatAllHeld([held, broken, held], on: "here", leftIn: "/left")
        }
        #expect(failure?.status == .damaged)
        #expect(failure?.message.hasPrefix("1 promise of 3 did not hold on here; ") == true)
        #expect(failure?.message.contains("/left") == true)
    }
}
