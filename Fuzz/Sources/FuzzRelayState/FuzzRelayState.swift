// Feeds libFuzzer's inputs to the probe of a relay's state file. What an input means: `ReaderProbe.relayState`.

import Foundation
import RecallProbes

/// Called by libFuzzer for each input. A promise that is not kept stops the process, which keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = start.map { Data(bytes: $0, count: count) } ?? Data()
    do { try ReaderProbe.relayState(input) } catch { fatalError("\(error)") }
    return 0
}
