// The readers of text that a person or another program wrote, each behind one function that takes any bytes at all.

internal import Recall

/// Runs a reader of text on bytes that nobody vouches for, and checks what it answers. Each probe returns where the reader kept its
/// promises, whether it accepted the bytes or refused them.
public enum TextProbe {
    static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw ProbeFailure(message()) }
    }

    /// A message for a person is one line of a length that does not grow with the input.
    static func checkMessage(_ message: String, lengthMax: Int) throws {
        try require(
            message.unicodeScalars.count <= lengthMax,
            "a message has \(message.unicodeScalars.count) characters, and may have \(lengthMax)")
        try require(
            message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F },
            "a message is not one line: \(message.debugDescription)")
    }
}
