// Text that an application has chosen, on a terminal: its control characters would move the cursor and change colours.

enum TerminalText {
    /// The text with an escape such as `\u{1B}` for what is not printed, at most so many characters long.
    static func escaped(_ text: String, countMax: Int = .max) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .format:
                result += scalar.escaped(asASCII: true)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result.count > countMax ? result.prefix(max(countMax - 1, 0)) + "…" : result
    }
}
