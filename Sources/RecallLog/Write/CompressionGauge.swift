// Whether the segment's dictionary still fits what is appended. What comes may change; then a segment with a new
// dictionary is begun before the old one is full.

/// Compares how well bodies compress now with how well they did at best in the same segment.
package struct CompressionGauge: Sendable {
    private var rawBytes = 0
    private var storedBytes = 0
    private var bestRatio = Double.infinity
    /// Whether a new dictionary is worth a new segment.
    package private(set) var isDictionaryStale = false
    private let hasDictionary: Bool

    private static let windowBytes = 1 << 20
    private static let staleRatio = 1.3

    package init(hasDictionary: Bool) { self.hasDictionary = hasDictionary }

    /// Counts a body that a dictionary can serve.
    package mutating func add(rawSize: Int, storedSize: Int) {
        guard rawSize <= Format.dictionaryBodySizeMax else { return }
        rawBytes += rawSize
        storedBytes += storedSize
        guard rawBytes >= Self.windowBytes else { return }
        let ratio = Double(storedBytes) / Double(rawBytes)
        bestRatio = min(bestRatio, ratio)
        isDictionaryStale = !hasDictionary || ratio > Self.staleRatio * bestRatio
        rawBytes = 0
        storedBytes = 0
    }
}
