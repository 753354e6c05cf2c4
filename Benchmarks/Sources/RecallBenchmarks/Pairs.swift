// Short rounds of the log and of the bare file by turns, each first as often as the other. A disk's speed and
// other programs' share of the processor drift within seconds, so only rounds side by side can be compared.

/// What the rounds of one row took.
struct Pairs {
    private var logRates: [Double] = []
    private var fileRates: [Double] = []
    private var ratios: [Double] = []

    /// - Parameters:
    ///   - roundCount: how many pairs.
    ///   - commitCount: commits a round.
    ///   - eventCount: events a commit.
    ///   - log: appends so many commits; returns how long the appends took, without making their events.
    ///   - file: appends as many times to the bare file.
    init(
        roundCount: Int, commitCount: Int, eventCount: Int,
        log: (Int) async throws -> Duration, file: (Int) async throws -> Duration
    ) async throws {
        for round in 0 ..< roundCount {
            var fileTime = Duration.zero
            if round % 2 == 1 { fileTime = try await file(commitCount) }
            let logTime = try await log(commitCount)
            if round % 2 == 0 { fileTime = try await file(commitCount) }
            let count = Double(commitCount * eventCount)
            logRates.append(count / logTime.seconds)
            fileRates.append(count / fileTime.seconds)
            ratios.append(fileTime / logTime)
        }
    }

    func row(_ name: String, _ title: String, bytesPerEvent: Double) -> Row {
        Row(
            name: name, title: title, unit: "events/s", value: logRates.median, limit: fileRates.median,
            ratio: ratios.median, bytesPerEvent: bytesPerEvent, roundCount: ratios.count)
    }
}
