// Feeds libFuzzer's inputs to the probe of snapshots in Memcached. What an input means: `AdapterProbe.memcachedSnapshot`.

import Foundation
import RecallAdapterProbes

/// Called by libFuzzer for each input. A promise that is not kept stops the process, which keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = start.map { Data(bytes: $0, count: count) } ?? Data()
    do { try AdapterProbe.memcachedSnapshot(input) } catch { fatalError("\(error)") }
    return 0
}
