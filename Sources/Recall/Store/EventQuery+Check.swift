// What every store asks of a query before it reads.

extension EventQuery {
    /// Checks the numbers that no reading can satisfy.
    /// - Throws: `invalidArgument` for a negative limit or a page of less than one event or byte.
    package func check() throws(StoreError) {
        if let limit, limit < 0 {
            throw StoreError(
                .invalidArgument,
                "The limit of the query is \(limit); use nil for no limit, 0 for no event, or a positive number."
            )
        }
        if pageEventCountMax < 1 {
            throw StoreError(
                .invalidArgument,
                "The query asks for pages of \(pageEventCountMax) events; a page holds at least one.")
        }
        if pageBytesMax < 1 {
            throw StoreError(
                .invalidArgument,
                "The query asks for pages that end with \(pageBytesMax) bytes; use 1 or more, which is one event at least."
            )
        }
    }
}
