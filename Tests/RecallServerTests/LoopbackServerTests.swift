// The harness itself: what it promises to tests of adapters, tried with a shell for a server.

import Foundation
import RecallServerTestSupport
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite struct LoopbackServerTests {
    /// A "server" that says which descriptors it has, and is ready when a file is there.
    private func shell(_ script: String) throws -> LoopbackServer {
        try LoopbackServer(
            "bash", package: "bash", arguments: { _, _ in ["-c", script] },
            isReady: { $0.directory.read("ready").contains("yes") })
    }

    @Test func aServerStartsEndsAndStartsAgainOnItsOwnData() async throws {
        let server = try shell("echo $$ >>ids; echo yes >ready; exec sleep 20000")
        try await server.start()
        #expect(server.isRunning)
        let first = try #require(server.processID)
        try await server.restart()
        #expect(server.processID != first)
        // The file that says "ready" is from the first start.
        try await Eventually.holds("the second start") {
            server.directory.read("ids").split(separator: "\n").count == 2
        }
        try await server.stop(within: .seconds(60))
        #expect(!server.isRunning)
    }

    @Test func aServerInheritsNoDescriptor() async throws {
        // Without "close on exec", and with a number of two digits among them.
        let pipes = (0 ..< 8).flatMap { _ in
            var ends: [Int32] = [0, 0]
            #expect(pipe(&ends) == 0)
            return ends
        }
        defer { pipes.forEach { close($0) } }
        let server = try shell("ls /proc/$$/fd >descriptors; echo yes >ready; exec sleep 20000")
        try await server.start()
        #expect(server.directory.read("descriptors").split(separator: "\n").sorted() == ["0", "1", "2"])
        try await server.stop()
    }

    @Test func aServerThatIgnoresBeingAskedIsKilledWithItsChildren() async throws {
        let server = try shell(
            "trap '' TERM; sleep 20000 & echo $! >child; echo yes >ready; while :; do wait; done")
        try await server.start()
        let child = try #require(
            pid_t(server.directory.read("child").trimmingCharacters(in: .whitespacesAndNewlines)))
        try await server.stop(within: .milliseconds(100))
        try await Eventually.holds("the end of the child") { kill(child, 0) != 0 || isZombie(child) }
    }

    /// A child of a killed server is nobody's here, and may stay as an entry without a process for a while.
    private func isZombie(_ id: pid_t) -> Bool {
        let text = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ""
        return text.isEmpty || text.contains(") Z ")
    }

    @Test func whatAServerPrintedStandsInItsFailure() async throws {
        let server = try shell("echo the port is taken; exit 3")
        await #expect {
            try await server.start()
        } throws: { error in
            "\(error)".contains("the port is taken")
        }
    }

    @Test func aMissingProgramSaysHowToInstallIt() {
        #expect {
            _ = try ServerProgram.find("no-such-server", package: "the-package")
        } throws: { error in
            "\(error)".contains("apt-get install the-package")
        }
    }

    /// A skipped test looks like one that passed: in CI nothing is skipped.
    @Test func whatIsMissingIsSkippedAndFailsInCI() {
        #expect(!ServerProgram.isExpected("no-such-server", isInCI: false))
        #expect(ServerProgram.isExpected("no-such-server", isInCI: true))
        #expect(ServerProgram.isExpected("bash", isInCI: false))
    }

    @Test func aServerGoesWithItsObject() async throws {
        var server: LoopbackServer? = try shell("echo yes >ready; exec sleep 20000")
        try await server?.start()
        let id = try #require(server?.processID)
        server = nil
        #expect(kill(id, 0) != 0)
    }

    @Test func portsAreGivenOutOnce() throws {
        let ports = try (0 ..< 50).map { _ in try LoopbackPort.free() }
        #expect(Set(ports).count == 50)
        #expect(!LoopbackPort.accepts(ports[0]))
    }
}
