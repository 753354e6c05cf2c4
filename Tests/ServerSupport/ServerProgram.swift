// Where server programs lie. Debian keeps some of them outside the path of ordinary users.

import Foundation

/// Finds programs.
public enum ServerProgram {
    /// Whether tests that need a program are to run: it is there, or nobody may do without it, as in CI, where they then fail.
    /// - Parameter isInCI: what the environment says if left out.
    public static func isExpected(_ name: String, isInCI: Bool? = nil) -> Bool {
        isInCI ?? (ProcessInfo.processInfo.environment["CI"] == "true") || path(of: name) != nil
    }

    /// Why tests are skipped that need a program.
    public static func isMissing(_ name: String, package: String) -> String {
        "\(name) is not installed (apt-get install \(package))."
    }

    /// The path of a program.
    /// - Parameters:
    ///   - name: such as `redis-server`, or a whole path.
    ///   - package: the Debian package that has it.
    /// - Throws: `ServerSupportError`, which says how to install it.
    public static func find(_ name: String, package: String) throws -> String {
        if let found = path(of: name) { return found }
        throw ServerSupportError(
            "This test needs the program \(name), which is not installed: run scripts/test, which installs it, or `apt-get install \(package)`."
        )
    }

    private static func path(of name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders =
            path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/usr/local/bin"]
        let places = name.hasPrefix("/") ? [name] : folders.map { "\($0)/\(name)" }
        return places.first(where: FileManager.default.isExecutableFile(atPath:))
    }
}
