// Numbers as people read them.

import Foundation

/// A number with its thousands apart.
struct Figure: CustomStringConvertible {
    let description: String

    /// - Parameter placeCountMax: digits behind the point; zeros at the end are left out.
    init(_ value: Double, placeCountMax: Int) {
        var text = String(format: "%.\(placeCountMax)f", value)
        if text.contains(".") {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        self.init(text)
    }

    /// - Parameter placeCount: digits behind the point, all of them.
    init(_ value: Double, placeCount: Int) { self.init(String(format: "%.\(placeCount)f", value)) }

    /// As many digits behind the point as say something: none from 100 on.
    init(_ value: Double) { self.init(value, placeCount: value >= 100 ? 0 : value >= 10 ? 1 : 2) }

    private init(_ text: String) {
        let whole = text.prefix { $0 != "." }
        var grouped = ""
        for (index, digit) in whole.reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { grouped.append(",") }
            grouped.append(digit)
        }
        description = String(grouped.reversed()) + text.dropFirst(whole.count)
    }
}
