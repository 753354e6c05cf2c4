// One pass over a text that leaves behind where each value stands.

extension JSONScanner {
    /// Adds the tokens of the next value and of all that is in it.
    mutating func tabulate(
        _ bytes: Span<UInt8>, into tokens: inout [JSONToken], depth: Int
    ) throws(JSONFailure) {
        guard let byte = peek(bytes) else { throw unexpected(bytes, expected: "a value") }
        let place = tokens.count
        let start = index
        switch byte {
        case UInt8(ascii: "{"):
            tokens.append(JSONToken(kind: .object, start: start, end: start, next: place + 1, count: 0))
            try tabulateObject(bytes, into: &tokens, at: place, depth: depth)
            return
        case UInt8(ascii: "["):
            tokens.append(JSONToken(kind: .array, start: start, end: start, next: place + 1, count: 0))
            try tabulateArray(bytes, into: &tokens, at: place, depth: depth)
            return
        case UInt8(ascii: "\""):
            try tabulateString(bytes, into: &tokens)
            return
        default: break
        }
        let kind: JSONToken.Kind =
            switch byte {
            case UInt8(ascii: "t"): .true
            case UInt8(ascii: "f"): .false
            case UInt8(ascii: "n"): .null
            default: .number
            }
        _ = try skipValue(bytes)
        tokens.append(JSONToken(kind: kind, start: start, end: index, next: place + 1, count: 0))
    }

    private mutating func tabulateString(
        _ bytes: Span<UInt8>, into tokens: inout [JSONToken]
    ) throws(JSONFailure) {
        let (content, hasEscapes) = try skipString(bytes)
        tokens.append(
            JSONToken(
                kind: hasEscapes ? .escapedString : .string, start: content.lowerBound,
                end: content.upperBound,
                next: tokens.count + 1, count: 0))
    }

    private mutating func tabulateObject(
        _ bytes: Span<UInt8>, into tokens: inout [JSONToken], at place: Int, depth: Int
    ) throws(JSONFailure) {
        try enter(depth)
        var count = 0
        if !take(UInt8(ascii: "}"), bytes) {
            repeat {
                guard peek(bytes) == UInt8(ascii: "\"") else {
                    throw unexpected(bytes, expected: "a key in double quotes")
                }
                try tabulateString(bytes, into: &tokens)
                try expect(UInt8(ascii: ":"), "a colon behind the key", bytes)
                try tabulate(bytes, into: &tokens, depth: depth + 1)
                count += 1
            } while take(UInt8(ascii: ","), bytes)
            try expect(UInt8(ascii: "}"), "a comma or }", bytes)
        }
        finish(&tokens, place, count)
    }

    private mutating func tabulateArray(
        _ bytes: Span<UInt8>, into tokens: inout [JSONToken], at place: Int, depth: Int
    ) throws(JSONFailure) {
        try enter(depth)
        var count = 0
        if !take(UInt8(ascii: "]"), bytes) {
            repeat {
                try tabulate(bytes, into: &tokens, depth: depth + 1)
                count += 1
            } while take(UInt8(ascii: ","), bytes)
            try expect(UInt8(ascii: "]"), "a comma or ]", bytes)
        }
        finish(&tokens, place, count)
    }

    private func finish(_ tokens: inout [JSONToken], _ place: Int, _ count: Int) {
        tokens[place].end = index
        tokens[place].next = tokens.count
        tokens[place].count = count
    }
}
