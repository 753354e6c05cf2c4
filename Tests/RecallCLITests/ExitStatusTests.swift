// The exit status of each kind of error, which scripts decide by: docs/cli.md.

import Recall
import Testing

@testable import RecallCLI

@Suite struct ExitStatusTests {
    private static let table: [(StoreError.Code, RecallCLI.ExitStatus)] = [
        (.damaged, .damaged), (.limitExceeded, .badInput), (.invalidArgument, .badInput),
        (.conflict, .conflict), (.eventIDReused, .conflict), (.duplicateEventID, .conflict),
        (.unavailable, .unavailable), (.locked, .unavailable), (.latched, .unavailable),
        (.notFound, .unavailable), (.readOnly, .unavailable), (.unsupported, .unavailable),
        (.closed, .unavailable), (.cancelled, .unavailable), (StoreError.Code("another"), .unavailable),
    ]

    @Test func everyCodeHasItsStatus() {
        for (code, status) in Self.table { #expect(RecallCLI.ExitStatus(code) == status, "\(code)") }
    }

    @Test func statusesAreTheNumbersOfTheContract() {
        let statuses: [RecallCLI.ExitStatus] = [.done, .damaged, .badInput, .conflict, .unavailable]
        #expect(statuses.map(\.rawValue) == [0, 1, 2, 3, 4])
    }
}
