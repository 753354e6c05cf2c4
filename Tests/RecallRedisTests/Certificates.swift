// Certificates made by openssl for one test: an authority, a server and a client that go back to it, and an authority
// that has nothing to do with them.

import Foundation
import RecallServerTestSupport

/// Files of certificates and keys.
struct Certificates {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory("certificates")
        let program = try ServerProgram.find("openssl", package: "openssl")
        let script = """
            set -e
            for ca in ca other; do
                "$0" req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$ca" -keyout $ca.key -out $ca.crt
            done
            printf 'subjectAltName=DNS:redis.planet.express,IP:127.0.0.1\\n' >server.ext
            printf 'extendedKeyUsage=clientAuth\\n' >client.ext
            for name in server client; do
                "$0" req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr
                "$0" x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.crt
            done
            """
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script, program]
        process.currentDirectoryURL = URL(filePath: directory.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ServerSupportError("openssl made no certificates.")
        }
    }

    func path(_ name: String) -> String { directory.file(name) }
}
