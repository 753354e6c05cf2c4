// Which suites start a server: they are skipped, and say why, where it is not installed, and fail in CI.

import RecallServerTestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// Skips what needs Redis where it cannot be had.
    static var needsRedis: Self {
        .enabled(
            if: ServerProgram.isExpected(program),
            Comment(rawValue: ServerProgram.isMissing(program, package: "redis-server")))
    }
    private static var program: String { "redis-server" }
}
