// The quick form of the rot matrix: some bits of every byte that is in use, and a sample of the others, in every run. The complete
// form is a step of scripts/crash-lab.

import RecallTestKit
import Testing

@Suite struct RotMatrixTests {
    @Test(arguments: RotStoreKind.allCases)
    func flippedBitIsFoundAndNeverBelieved(kind: RotStoreKind) throws {
        var settings = RotSettings()
        settings.bitCount = 1
        settings.usedStride = max(1, 1200 / TestEffort.percent)
        settings.indexStride = 301
        settings.unusedStride = 1999
        settings.heavyStride = 16
        let statistics = try RotMatrix(kind, settings).run()
        #expect(statistics.flipCount > 100, "\(statistics)")
        #expect(statistics.salvageCount > 0)
    }
}
