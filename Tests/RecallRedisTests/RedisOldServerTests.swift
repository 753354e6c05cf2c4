// Which versions of Redis will do: 6.2 is the first that knows all that the store asks for.

import Testing

@testable import RecallRedis

@Suite struct RedisOldServerTests {
    @Test(arguments: ["6.2", "6.2.0", "6.2.14", "6.10.1", "7.0.0", "7.4.1", "8.0.0", "10.0", "255.255.255"])
    func newEnough(version: String) { #expect(ServerCheck.isNewEnough(version[...])) }

    @Test(arguments: ["6.1.99", "6.0.16", "6", "5.0.14", "4.9", "2.6.0", "0.9", "", "x", "six.two"])
    func tooOld(version: String) { #expect(!ServerCheck.isNewEnough(version[...])) }
}
