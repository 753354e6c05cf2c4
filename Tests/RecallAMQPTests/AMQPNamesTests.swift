// Words of routing keys, and attributes that are not there.

import Foundation
import Recall
import RecallTestKit
import Testing

@testable import RecallAMQP

@Suite struct AMQPNamesTests {
    @Test(arguments: [
        ("EmployeeHired", "EmployeeHired"), ("", ""), ("a.b", "a%2Eb"), ("*", "%2A"), ("#", "%23"),
        ("100%", "100%25"), ("a b\n", "a%20b%0A"), ("größe-1_x", "größe-1_x"), ("a/b:c", "a%2Fb%3Ac"),
        ("\u{7F}", "%7F"), ("👩‍🚀", "👩‍🚀"),
    ])
    func wordsHoldNoMoreThanWordsMay(name: String, word: String) {
        #expect(AMQPRoutingKey.word(name) == word)
    }

    @Test func differentNamesHaveDifferentWords() {
        let names = (0 ..< 128).map { String(UnicodeScalar(UInt8($0))) } + ["%20", "%2E", "%", "..", "."]
        #expect(Set(names.map(AMQPRoutingKey.word)).count == Set(names).count)
    }

    @Test func attributesThatAreNotKnownAreLeftOut() {
        let event = RecordedEvent(
            NewEvent(
                aggregateID: AggregateID(number: 1), type: "Told", metadata: ["correlationId": ""],
                payload: Data()),
            position: 1, version: 1, time: Timestamp(microsecondsSince1970: 0))
        let names = AMQPHeader.all(of: event, source: "/s").map(\.name)
        for name in ["aggregatetype", "correlationid", "causationid"] {
            #expect(!names.contains("cloudEvents:\(name)"))
        }
        // The specification's rule for names: lower case letters and digits.
        for name in names {
            #expect(name.dropFirst("cloudEvents:".count).allSatisfy { $0.isLowercase || $0.isNumber })
        }
    }
}
