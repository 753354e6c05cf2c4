// What was asked of a simulated disk, as values: to count, to make fail, and to print when a test fails.

/// One call to a simulated disk.
package struct SimulatedOperation: Hashable, Sendable, CustomStringConvertible {
    /// The calls of `Disk` and `DiskFile`. `create` is `open` of a new file.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case openDirectory, status, open, create, createDirectory, list, kind, rename, delete, syncDirectory
        case size, read, write, sync, preallocate, truncate, map, isOverwrittenInPlace, nextData, lock,
            isLocked, announceReader, hasReaders

        /// Whether the call may change what a restart finds.
        package var isMutation: Bool {
            switch self {
            case .create, .createDirectory, .rename, .delete, .syncDirectory, .write, .sync, .preallocate,
                .truncate:
                true
            case .openDirectory, .status, .open, .list, .kind, .size, .read, .map, .isOverwrittenInPlace,
                .nextData, .lock, .isLocked,
                .announceReader, .hasReaders:
                false
            }
        }
    }

    package var kind: Kind
    package var path: String
    /// Where bytes go or come from, the new size or the new path.
    package var detail: String
    /// Counts the mutations from 1; 0 for a call that changes nothing.
    package var mutationNumber: Int
    /// The errno that the call ended with; 0 for success.
    package var errorNumber: Int32
    /// How many bytes were transferred, where that is less than was asked for.
    package var shortCount: Int?

    package var description: String {
        let number = mutationNumber == 0 ? "      " : "#\(mutationNumber)" + pad(mutationNumber)
        let short = shortCount.map { " -> \($0) bytes" } ?? ""
        let outcome = errorNumber == 0 ? "" : " -> errno \(errorNumber)"
        return "\(number) \(kind.rawValue) \(path)\(detail.isEmpty ? "" : " " + detail)\(short)\(outcome)"
    }

    private func pad(_ number: Int) -> String {
        String(repeating: " ", count: max(0, 5 - String(number).count))
    }
}
