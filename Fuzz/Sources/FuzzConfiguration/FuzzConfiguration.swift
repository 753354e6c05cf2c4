// Feeds libFuzzer's inputs to the probe of configuration files. What an input means: `TextProbe.configuration`.

import Dispatch
import Foundation
import RecallProbes

/// Called by libFuzzer for each input. A promise that is not kept stops the process, which keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = start.map { Data(bytes: $0, count: count) } ?? Data()
    // libFuzzer's thread may wait: it is none of those that run tasks.
    let finished = DispatchSemaphore(value: 0)
    Task {
        do { try await TextProbe.configuration(input) } catch { fatalError("\(error)") }
        finished.signal()
    }
    finished.wait()
    return 0
}
