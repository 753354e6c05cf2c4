// Files that would take memory: too long, or short with aliases that stand for ever more.

import Recall
import RecallConfiguration
import Testing

@Suite struct ConfigurationSizeTests {
    private func error(_ text: String) async throws -> ConfigurationError? {
        let file = try TemporaryFile(text)
        do throws(ConfigurationError) {
            _ = try await RecallServices(file: file.path, environment: [:])
            return nil
        } catch {
            return error
        }
    }

    @Test func fileOfTheLimitIsRead() async throws {
        let head = "default: {event_store: memory}\n#"
        #expect(try await error(head + String(repeating: "x", count: (64 << 10) - head.utf8.count)) == nil)
        let found = try await error(head + String(repeating: "x", count: (64 << 10) - head.utf8.count + 1))
        #expect(found?.code == .malformedFile)
        #expect(found?.message.contains("at most 65536 bytes, found 65537") == true)
    }

    /// Text that did not come from a file has the same bound.
    @Test func textOverTheLimitIsRefused() {
        let text = Array("default: {event_store: memory}\n#".utf8) + [UInt8](repeating: 0x78, count: 64 << 10)
        let found = #expect(throws: ConfigurationError.self) { try RecallServices(text: text, place: "here") }
        #expect(found?.message.contains("at most 65536 bytes") == true)
    }

    @Test func aliasesThatStandForEverMoreAreRefused() async throws {
        var text = "a0: &a0 {event_store: memory}\n"
        for level in 1 ... 14 { text += "a\(level): &a\(level) {x: *a\(level - 1), y: *a\(level - 1)}\n" }
        let found = try await error(text)
        #expect(found?.code == .malformedFile && found?.message.contains("aliases") == true)
    }
}
