// Random commits beside the model: what no one thought of as a case of its own.

internal import Recall

extension EventStoreConformance {
    static let randomCases: [Case] =
        [1, 2, 3, 4, 5, 6].map { (seed: UInt64) in
            Case("300 random commits with seed \(seed)") { session in
                var workload = RandomWorkload(seed: seed)
                var model = ReferenceModel()
                try await workload.run(300, on: session.store, from: &model)
            }
        } + [
            Case("random commits between 20 reopenings", needsReopening: true) { session in
                var workload = RandomWorkload(seed: 20)
                var model = ReferenceModel()
                for _ in 0 ..< 20 {
                    try await workload.run(25, on: session.store, from: &model)
                    try await session.reopen()
                }
                try await model.compare(with: session.store)
            }
        ]
}
