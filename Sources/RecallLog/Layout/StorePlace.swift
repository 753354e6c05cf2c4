// Whether a store is still where it was opened, looked at after each sync and at least each second. Descriptors go on working
// when their names are gone, so what is written through them can be durable where nobody will ever look.

internal import Recall

/// What became of an open store's place.
package enum StorePlace: Hashable, Sendable {
    case unchanged
    /// Nothing stands at the store's path; the store has a name elsewhere, and whoever moved it knows where.
    case moved
    /// A file or directory of the store has no name any more.
    case missing(String)
    /// Its name leads to something else.
    case replaced(String)
    /// A file is shorter than it was made.
    case cutShort(String)
}

/// A disk that is the inside of a store.
protocol InsideOfStore: Disk {
    /// Remembers what the names lead to from now on.
    /// - Parameter names: of what stands in the store as long as it is one.
    func rememberPlaces(of names: [String]) throws(DiskError)

    /// Where a file may be put that is no part of the store and is to be found with it.
    /// - Parameter name: what is said of the file beside the store's own name.
    /// - Throws: `ESTALE` where the store is not where it was opened.
    func besides(_ name: String) throws(DiskError) -> FileBeside

    /// Compares what names lead to with what was opened. What cannot be looked at is taken for unchanged.
    /// - Parameter tail: the segment that is written to, and its path.
    func place(tail: SegmentFile?, at path: String) -> StorePlace
}

/// A place for a file beside those of a store.
struct FileBeside {
    /// A directory that is held.
    var directory: any Disk
    /// A name in it.
    var name: String
    /// The same for people.
    var path: String
}

/// What a name leads to now.
enum NameTarget {
    case same, another, nothing
    /// The same, and not all of it.
    case shorter
    /// It cannot be looked at, such as for want of a right.
    case unknown

    /// What that means for something that is there as long as the store is one; nil where nothing changed.
    func place(_ path: String) -> StorePlace? {
        switch self {
        case .same, .unknown: nil
        case .another: .replaced(path)
        case .nothing: .missing(path)
        case .shorter: .cutShort(path)
        }
    }
}

extension Disk {
    /// What a path leads to, beside what was opened under it.
    /// - Parameter sizeMin: what a file has at least, in bytes.
    func target(of path: String, opened identity: DiskIdentity, sizeMin: Int = 0) -> NameTarget {
        do throws(DiskError) {
            guard let status = try status(of: path, isFollowingLinks: true) else { return .nothing }
            guard status.identity == identity else { return .another }
            return status.size < sizeMin ? .shorter : .same
        } catch {
            return error.isMissing || error.isNotADirectory ? .nothing : .unknown
        }
    }
}

extension StoreError {
    /// What became of a store that was open.
    /// - Parameter path: where it was opened.
    init?(_ place: StorePlace, path: String) {
        let code: Code
        let what: String
        switch place {
        case .unchanged, .moved: return nil
        case .missing(let name):
            code = .notFound
            what =
                "\(name) was deleted or moved away while the store was open: put the store back as a whole, or restore a backup"
        case .replaced(let name):
            code = .unavailable
            what =
                "\(name) is another one than was opened, so what is appended would be looked for in vain: see what stands there now, and put back the store that was in use, which has what was acknowledged before"
        case .cutShort(let name):
            code = .damaged
            what =
                "\(name) was cut short while the store was open: verify the store, and salvage what is whole or restore a backup"
        }
        self.init(code, "The store at \(path) is not what was opened: \(what).")
    }
}
