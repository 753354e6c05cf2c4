// The line that tells a person how far long work has come: when it is drawn, what it says, and that nothing is left of it.

import Synchronization
import Testing

@testable import RecallCLI

@Suite struct ProgressBarTests {
    /// A terminal that remembers what was written to it, and a clock that the test moves.
    private final class Terminal: Sendable {
        private let start = ContinuousClock.now
        private let state = Mutex((seconds: 0.0, written: [String]()))

        var written: [String] { state.withLock { $0.written } }

        func wait(_ seconds: Double) { state.withLock { $0.seconds += seconds } }

        func bar(_ label: String = "Verifying", unit: String = "bytes", isShown: Bool = true) -> ProgressBar {
            ProgressBar(
                label, unit: unit, isShown: isShown,
                now: { self.start + .seconds(self.state.withLock { $0.seconds }) },
                write: { text in self.state.withLock { $0.written.append(text) } })
        }
    }

    private let terminal = Terminal()
    /// Back to the beginning of the line, and what stands there taken away.
    private static let clear = "\r\u{1B}[K"

    @Test func nothingIsDrawnInTheFirstSecond() {
        let bar = terminal.bar()
        bar.update(1, of: 10)
        terminal.wait(0.9)
        bar.update(5, of: 10)
        bar.finish()
        #expect(terminal.written == [])
    }

    @Test func lineSaysShareTotalAndRate() {
        let bar = terminal.bar()
        terminal.wait(2)
        bar.update(2_500, of: 10_000)
        #expect(
            terminal.written == [
                Self.clear + "Verifying [#######.......................] 25 % of 10,000 bytes, 1,250/s"
            ])
    }

    @Test func lineWithoutATotalSaysCountAndRate() {
        let bar = terminal.bar("Appending", unit: "events")
        terminal.wait(4)
        bar.update(8_000)
        #expect(terminal.written == [Self.clear + "Appending: 8,000 events, 2,000/s"])
    }

    @Test func moreThanATotalIsAllOfIt() {
        let bar = terminal.bar()
        terminal.wait(2)
        bar.update(30, of: 10)
        #expect(terminal.written.first?.contains("[##############################] 100 % of 10 ") == true)
    }

    @Test func lineIsDrawnTenTimesASecondAtMost() {
        let bar = terminal.bar()
        terminal.wait(2)
        for count in 1 ... 100 as ClosedRange<UInt64> {
            bar.update(count, of: 100)
            terminal.wait(0.01)
        }
        #expect((8 ... 11).contains(terminal.written.count), "\(terminal.written.count)")
    }

    @Test func nothingIsLeftOfTheLine() {
        let bar = terminal.bar()
        terminal.wait(2)
        bar.update(1, of: 10)
        bar.finish()
        #expect(terminal.written.last == Self.clear)
        // Once is enough: what is printed behind it stays.
        bar.finish()
        #expect(terminal.written.count == 2)
    }

    @Test func nothingIsDrawnWhereNobodyLooks() {
        let bar = terminal.bar(isShown: false)
        terminal.wait(5)
        bar.update(5, of: 10)
        bar.finish()
        #expect(terminal.written == [])
    }
}
