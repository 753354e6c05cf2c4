// The suite that says what an event store is. Memory, log and every adapter run the same list, so that
// an application can change its store without changing what it may rely on.

public import Recall

/// What every event store has to do, case by case.
///
/// A store's author runs the list from a test target, with whatever test library it uses:
///
///     @Test(arguments: EventStoreConformance.cases)
///     func storeConforms(_ condition: EventStoreConformance.Case) async throws {
///         try await condition.run(on: ConformanceSubject { ConformanceInstance(store: MyStore()) })
///     }
public enum EventStoreConformance {
    /// One condition of the suite, to be given to a parametrised test.
    public typealias Case = ConformanceCase<any EventStore>
    /// How a case gets the store that it runs on.
    public typealias Subject = ConformanceSubject<any EventStore>

    /// Every case, those that take long included.
    public static let cases: [Case] = [
        emptyStoreCases, appendCases, readCases, queryCases, expectedVersionCases, idempotenceCases,
        graphCases, contentCases, bytesCases, criteriaCases, limitCases, followingCases, cursorCases,
        concurrencyCases, reopeningCases, unitCases,
        randomCases,
    ].flatMap { $0 }
}
