// Where server programs lie. Debian keeps some of them outside the path of ordinary users.

import Foundation

/// Finds programs.
public enum ServerProgram {
    /// The path of a program.
    /// - Parameters:
    ///   - name: such as `redis-server`, or a whole path.
    ///   - package: the Debian package that has it.
    /// - Throws: `ServerSupportError`, which says how to install it.
    public static func find(_ name: String, package: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders =
            path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/usr/local/bin"]
        let places = name.hasPrefix("/") ? [name] : folders.map { "\($0)/\(name)" }
        if let found = places.first(where: FileManager.default.isExecutableFile(atPath:)) { return found }
        throw ServerSupportError(
            "This test needs the program \(name), which is not installed: run scripts/test, which installs it, or `apt-get install \(package)`."
        )
    }
}
