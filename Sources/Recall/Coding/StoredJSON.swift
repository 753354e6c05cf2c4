// The one form of JSON that Recall stores, in events and in snapshots, with coders that are made once:
// making them takes as long as coding a small value. Foundation's coders may be used from many threads at
// once, as long as nobody changes their settings.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The coders of stored JSON.
enum StoredJSON {
    /// Sorted keys, so that the same value gives the same bytes.
    static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let key = CodingUserInfoKey.codesIdentifiersAsText { encoder.userInfo[key] = true }
        return encoder
    }()

    static let decoder = {
        let decoder = JSONDecoder()
        if let key = CodingUserInfoKey.codesIdentifiersAsText { decoder.userInfo[key] = true }
        return decoder
    }()
}
