// Numbers as a person reads them: digits in groups of three, sizes in powers of 1024.

enum Figure {
    /// `1234567` as `1,234,567`.
    static func grouped(_ value: UInt64) -> String {
        var text = ""
        for (index, digit) in String(value).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    static func grouped(_ value: Int) -> String {
        value < 0 ? "-" + grouped(value.magnitude) : grouped(UInt64(value))
    }

    private static func grouped(_ value: UInt) -> String { grouped(UInt64(value)) }

    /// A count with its unit, such as `1 event` or `2,000 events`.
    static func count(_ value: Int, _ unit: String) -> String {
        "\(grouped(value)) \(unit)\(value == 1 ? "" : "s")"
    }

    /// A number with a fixed count of decimals, such as `1.25`.
    static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite, places >= 0, places < 10 else { return String(value) }
        var scale = 1.0
        for _ in 0 ..< places { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e15 else { return String(value) }
        let whole = UInt64(scaled / scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + grouped(whole) }
        let rest = String(UInt64(scaled) - whole * UInt64(scale))
        return sign + grouped(whole) + "." + String(repeating: "0", count: places - rest.count) + rest
    }

    /// A size in bytes, such as `1.5 MiB`.
    static func bytes(_ count: UInt64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard count >= 1024 else { return "\(count) bytes" }
        var value = Double(count) / 1024
        var index = 0
        while value >= 1024, index < units.count - 1 {
            value /= 1024
            index += 1
        }
        return "\(decimal(value, places: 1)) \(units[index])"
    }
}
