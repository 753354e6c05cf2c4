// What reading a segment's frames needs beside their bytes.

/// A segment's header and its dictionary.
package struct SegmentContext: Hashable, Sendable {
    package var header: SegmentHeader
    /// Nil for a segment without one, and where no copy of it holds: then commits that refer to it cannot be read.
    package var dictionary: SegmentDictionary?

    package init(header: SegmentHeader, dictionary: SegmentDictionary? = nil) {
        self.header = header
        self.dictionary = dictionary
    }

    /// What is damaged of the dictionary; nil where nothing is, or the first copy holds.
    package var dictionaryCase: RecoveryCase? {
        guard header.dictionarySize > 0 else { return nil }
        guard let dictionary else { return .dictionaryLost }
        let isSecond = dictionary.idsOffset >= SegmentDictionary.offset(ofCopy: 1, in: header)
        return isSecond ? .dictionaryCopyDamaged : nil
    }

    /// Finds the dictionary in the bytes of the segment.
    package init(_ header: SegmentHeader, _ bytes: RawSpan) {
        self.header = header
        dictionary = (try? SegmentDictionary(bytes, in: header)) ?? nil
    }
}
