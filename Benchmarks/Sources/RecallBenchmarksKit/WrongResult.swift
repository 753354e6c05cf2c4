// Why a run stops.

/// A result that is not what was written: then no figure means anything.
package struct WrongResult: Error, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
