// How settings name servers.

import Recall
import Testing

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("localhost", "localhost", 7), ("localhost:8", "localhost", 8), ("10.0.0.1:65535", "10.0.0.1", 65535),
        ("[::1]", "::1", 7), ("[::1]:8", "::1", 8), ("::1", "::1", 7),
    ])
    func hostAndPortAreRead(text: String, host: String, port: Int) {
        let address = ServerAddress(text, defaultPort: 7)
        #expect(address?.host == host)
        #expect(address.map { Int($0.port) } == port)
    }

    @Test(arguments: [
        "", ":8", "a:", "a:0", "a:65536", "a:+8", "a:-1", "a:b", "[]", "[::1", "[::1]8", "[::1]:", "a b",
        "redis://a:8",
        "user@a:8",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(ServerAddress(text, defaultPort: 7) == nil)
    }
}
