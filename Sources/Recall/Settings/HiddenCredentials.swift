// Hosters give addresses as URLs with a password in them. Where such a text is refused, it is not repeated with it.

extension String {
    /// The text without what may be a password: of `redis://user:password@host`, all between the scheme and the last `@`, and a query.
    /// Of a sentence with such a text in it, too.
    package var withoutCredentials: String {
        var text = self
        let scheme = text.range(of: "://")
        if let at = text.lastIndex(of: "@"), scheme.map({ $0.upperBound <= at }) ?? true {
            text.replaceSubrange((scheme?.upperBound ?? text.startIndex) ..< at, with: "…")
        }
        // `redis://host?password=…`, up to where the text or its quotation ends.
        if let start = text.range(of: "://")?.upperBound, let question = text[start...].firstIndex(of: "?") {
            let rest = text[text.index(after: question)...]
            if let first = rest.first, first != "\"", !first.isWhitespace {
                text.replaceSubrange(
                    rest.startIndex ..< (rest.firstIndex(of: "\"") ?? rest.endIndex), with: "…")
            }
        }
        return text
    }

    /// Whether this can be a host's name or address: no URL, and nothing that stands before an `@`.
    package var isHost: Bool {
        !isEmpty && !contains { $0.isWhitespace || $0 == "/" || $0 == "@" }
    }

    /// Where a text stands first.
    private func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start ..< index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
