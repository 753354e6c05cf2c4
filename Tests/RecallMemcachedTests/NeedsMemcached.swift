// Which suites start a server: they are skipped, and say why, where it is not installed, and fail in CI.

import RecallServerTestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// Skips what needs Memcached where it cannot be had.
    static var needsMemcached: Self {
        .enabled(
            if: ServerProgram.isExpected(program),
            Comment(rawValue: ServerProgram.isMissing(program, package: "memcached")))
    }
    private static var program: String { "memcached" }
}
