// Which name somebody may have meant: one that is a slip of the finger away, and none that is merely of the same length.

import Testing

@testable import RecallConfiguration

@Suite struct NearestNameTests {
    private static let known = ["path", "durability", "event_store", "key"]

    @Test(arguments: [
        ("pth", "path"), ("paht", "path"), ("Path", "path"), ("durabilty", "durability"), ("kye", "key"),
        ("event_stroe", "event_store"), ("eventstore", "event_store"), ("event_stores", "event_store"),
    ])
    func aSlipIsRecognised(name: String, meant: String) {
        #expect(NearestName.of(name, among: Self.known) == meant)
    }

    @Test(arguments: ["color", "x", "", "interval", "pa", "stability_of_it"])
    func anotherWordIsNone(name: String) { #expect(NearestName.of(name, among: Self.known) == nil) }

    /// Two letters that changed places are one mistake.
    @Test func swappedLettersAreOneMistake() {
        #expect(NearestName.distance("kye", "key") == 1)
        #expect(NearestName.distance("ab", "ba") == 1)
        #expect(NearestName.distance("path", "path") == 0)
        #expect(NearestName.distance("", "abc") == 3)
        #expect(NearestName.distance("abc", "axc") == 1)
    }
}
