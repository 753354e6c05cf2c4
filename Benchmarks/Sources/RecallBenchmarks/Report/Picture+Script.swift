// The script that draws a picture. Data stands in the script itself, so nothing has to be kept beside it.

extension Picture {
    /// A script for gnuplot that writes `path`.
    func script(path: String) -> String {
        let columns = series.indices.map { column in
            "$bars using \(column + 2):xtic(1) title \"\(escaped(series[column].title))\" linecolor rgb \"\(series[column].color)\""
        }
        let lines = groups.map { group in
            ([quoted(group.title)] + group.values.map { $0.map { String($0) } ?? "NaN" }).joined(
                separator: " ")
        }
        let values = groups.flatMap(\.values).compactMap { $0 }.filter { $0 > 0 }
        // Bars begin below the least value, and the highest leaves room for its figure.
        let low = isLogarithmic ? (values.min() ?? 1) / 2 : 0
        let high = (values.max() ?? 10) * (isLogarithmic ? 3 : 1.2)
        var labels: [String] = []
        // Between two groups there is the room of one bar.
        let width = 1 / Double(series.count + 1)
        for (place, group) in groups.enumerated() {
            for (index, value) in group.values.enumerated() {
                guard let value else { continue }
                let x = Double(place) + width * (Double(index) - Double(series.count - 1) / 2)
                labels.append(
                    "set label \(quoted(short(value))) at \(x), \(value + (isLogarithmic ? value * 0.1 : high * 0.02)) rotate by 90 left font \",9\" front"
                )
            }
        }
        return """
            set terminal svg size 1000,560 font "Helvetica,12" background "white" noenhanced
            set output \(quoted(path))
            set title \(quoted(title)) font ",15"
            set ylabel \(quoted(axis))
            \(isLogarithmic ? "set logscale y" : "")
            set yrange [\(low):\(high)]
            set format y "%.0s%c"
            set xrange [-0.6:\(Double(groups.count) - 0.4)]
            set style data histogram
            set style histogram clustered gap 1
            set style fill solid 1.0 noborder
            set boxwidth 1.0
            set grid ytics linecolor rgb "#dddddd"
            set border 3
            set tics nomirror
            set key outside top center horizontal \(series.count > 1 ? "" : "\nunset key")
            set bmargin 8
            set label 1000 \(quoted(footer.joined(separator: "\\n"))) at screen 0.01, screen 0.06 font ",10" \
            textcolor rgb "#555555"
            \(hasUnitLine ? "set arrow from graph 0, first 1 to graph 1, first 1 nohead linecolor rgb \"#555555\" dashtype 2" : "")
            \(labels.joined(separator: "\n"))
            $bars << END
            \(lines.joined(separator: "\n"))
            END
            plot \(columns.joined(separator: ", "))

            """
    }

    /// Few digits, since it stands on a bar.
    private func short(_ value: Double) -> String {
        switch value {
        case 1e6...: "\(Figure(value / 1e6, placeCountMax: 1))M"
        case 1e4...: "\(Figure(value / 1e3, placeCountMax: 0))k"
        case 100...: "\(Figure(value, placeCountMax: 0))"
        default: "\(Figure(value, placeCountMax: value < 10 ? 2 : 1))"
        }
    }

    private func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// Line breaks are already written as gnuplot reads them.
    private func escaped(_ text: String) -> String { text.replacing("\"", with: "'") }
}
