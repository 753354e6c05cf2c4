// Whether the crash lab finds what it is there to find: each bug of `Sabotage` is put in, and lives are lived until a
// promise is broken. A bug that is not found within the stated number of seeds fails the test, and so does a new one that
// nobody has taught the lab to find. The figures stand in docs/durability.md.

import RecallLog
import RecallTestKit
import Testing

@Suite(.serialized) struct SabotageTests {
    /// How many seeds a bug may take to be found. The one that takes the most is known to need 95.
    private static let seedCountMax: UInt64 = 150

    /// What random lives come upon too seldom: these bugs are found in a fixed life.
    private static let fixedLives: [Sabotage: CrashLab.FixedLife] = [
        .reuseEpoch: .commitIsRepeatedBeforeOthersThatWereTorn, .acceptBadSnapshot: .snapshotIsTorn,
        // The engine asks for an extent seldom between two tables, and what it loses then can mostly be made again.
        .reuseExtentEarly: .filesOfASingleFileChange,
        // Nobody touches the store of a random life beside the power and the disk.
        .trustNames: .placeIsDisturbed,
        // Random lives let nothing rot.
        .writeOverCutOff: .tailRots,
    ]

    @Test(arguments: Sabotage.allCases)
    func labFindsBug(sabotage: Sabotage) throws {
        try #require(Sabotages.isPossible, "Bugs can be put into debug builds only.")
        if let life = Self.fixedLives[sabotage] {
            let (count, violation) = CrashLab.run(life, sabotages: Sabotages(sabotage))
            print(
                "\(sabotage): found by crash \(count) of \(life): \(violation?.prefix(200) ?? "not at all")")
            #expect(violation != nil, "\(sabotage) is not found by \(count) crashes of \(life).")
            return
        }
        for seed in 1 ... Self.seedCountMax {
            do throws(CrashLabViolation) {
                _ = try CrashLab.run(seed: seed, sabotages: Sabotages(sabotage))
            } catch {
                print("\(sabotage): found in seed \(seed): \(error.reason.prefix(200))")
                return
            }
        }
        Issue.record("\(sabotage) is not found within \(Self.seedCountMax) seeds.")
    }

    /// Without a bug the same lives break no promise, so that it was the bug that was found. `RandomWorkloadTests` and
    /// `scripts/crash-lab` run more seeds.
    @Test func withoutABugRandomLivesBreakNoPromise() throws {
        for seed in TestEffort.seeds(1 ... 40) { _ = try CrashLab.run(seed: seed) }
    }

    @Test(arguments: CrashLab.FixedLife.allCases)
    func withoutABugFixedLivesBreakNoPromise(life: CrashLab.FixedLife) {
        #expect(CrashLab.run(life).violation == nil)
    }
}
