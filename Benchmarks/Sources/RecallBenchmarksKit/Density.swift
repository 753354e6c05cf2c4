// How well the workload compresses, so that bytes on disk can be judged: a workload of zeros would flatter any store.

/// Bytes of a payload on average, as it is and compressed by liblz4 in several ways.
package struct Density: Codable, Sendable {
    package var payloadBytes: Double
    /// Each payload compressed alone.
    package var aloneBytes: Double
    /// Payloads one behind the other, in blocks of 4 KiB and of 64 KiB.
    package var blockOf4KiBBytes: Double
    package var blockOf64KiBBytes: Double
    /// Each payload alone, behind a dictionary of the 4 KiB or 64 KiB of payloads before.
    package var dictionaryOf4KiBBytes: Double
    package var dictionaryOf64KiBBytes: Double

    /// Measures the first events of a workload.
    package init(of workload: Workload) {
        var workload = workload
        let payloads = workload.commits(20_000, eventCount: 1).joined().map { [UInt8]($0.payload) }
        func mean(_ sizes: [Int], over count: Int) -> Double {
            Double(sizes.reduce(0, +)) / Double(count)
        }
        func blocks(_ byteCount: Int) -> Double {
            var sizes: [Int] = []
            var count = 0
            var block: [UInt8] = []
            var blockCount = 0
            for payload in payloads {
                if block.count + payload.count > byteCount {
                    sizes.append(PlainLZ4.block(block).count)
                    count += blockCount
                    block.removeAll()
                    blockCount = 0
                }
                block += payload
                blockCount += 1
            }
            return mean(sizes, over: count)
        }
        func dictionary(_ byteCount: Int) -> Double {
            let known = [UInt8](payloads.prefix(10_000).joined().suffix(byteCount))
            let sample = payloads.suffix(2_000)
            return mean(
                sample.map { PlainLZ4.byteCount($0, dictionary: known) }, over: sample.count)
        }
        payloadBytes = mean(payloads.map(\.count), over: payloads.count)
        aloneBytes = mean(payloads.map { PlainLZ4.block($0).count }, over: payloads.count)
        blockOf4KiBBytes = blocks(4 << 10)
        blockOf64KiBBytes = blocks(64 << 10)
        dictionaryOf4KiBBytes = dictionary(4 << 10)
        dictionaryOf64KiBBytes = dictionary(64 << 10)
    }
}
