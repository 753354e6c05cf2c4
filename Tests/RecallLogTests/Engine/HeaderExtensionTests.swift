// What a later program may put into headers, seals and records without a new version of the format, and what this one does then: it goes
// on, only reads, or refuses; and it never takes it for damage.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct HeaderExtensionTests {
    private static let storeExtensions = 88

    /// Puts extensions into both copies of a header.
    private static func put(_ list: [UInt8], at place: Int, into path: String, _ bench: Bench) throws {
        let file = try bench.files.open(path, .readWrite)
        for copy in 0 ..< Format.headerCopyCount {
            let start = HeaderCopies.offset(ofCopy: copy)
            var header = try DiskBytes.read(file, count: start + Format.headerSize).withBytes { bytes in
                bytes.withUnsafeBytes { Array($0[start...]) }
            }
            header.replaceSubrange(place ..< place + list.count, with: list)
            let checksum = Checksum.crc32c(Array(header[..<Format.headerChecksumOffset]).span.bytes)
            for index in 0 ..< 4 {
                header[Format.headerChecksumOffset + index] = UInt8(
                    truncatingIfNeeded: checksum >> (8 * UInt32(index)))
            }
            try file.write(header.span.bytes, at: start)
        }
        try file.sync()
    }

    private static func store(_ kind: Bench.Kind) throws -> Bench {
        let bench = try Bench(kind)
        let log = try bench.open()
        _ = try log.appendBlocking(Story.commit(1 ... 3, of: 1))
        try log.close()
        return bench
    }

    private static func list(_ type: UInt16, _ bytes: [UInt8] = [1, 2, 3]) -> [UInt8] {
        [UInt8(type & 0xFF), UInt8(type >> 8), UInt8(bytes.count), 0] + bytes
    }

    /// Extensions were room that nobody looked at: a program could not say that others must not go on.
    @Test(arguments: Bench.Kind.allCases, [false, true])
    func unknownExtensionIsSkippedReadOnlyOrRefused(_ kind: Bench.Kind, isSegment: Bool) throws {
        for (type, mayRead, mayWrite) in [
            (5, true, true), (5 | HeaderExtensions.mustBeKnownToWrite, true, false),
            (5 | HeaderExtensions.mustBeKnown, false, false),
        ] as [(UInt16, Bool, Bool)] {
            let bench = try Self.store(kind)
            defer { bench.remove() }
            let path = bench.path + (isSegment ? "/segments/0000000001.segment" : "/store")
            let place = isSegment ? Format.segmentExtensionsOffset : Self.storeExtensions
            try Self.put(Self.list(7) + Self.list(type), at: place, into: path, bench)
            let comment: Comment = "type \(type)"
            for (access, isAllowed) in [(LogAccess.readOnly, mayRead), (.openExisting, mayWrite)] {
                do throws(StoreError) {
                    let log = try bench.open(access)
                    #expect(isAllowed, comment)
                    #expect(try log.numbers() == [1, 2, 3], comment)
                    try log.close()
                } catch {
                    #expect(!isAllowed && error.code == .unsupported, "\(error)")
                }
            }
            if mayRead { #expect(try Log.verify(at: bench.path, disk: bench.disk).isWhole, comment) }
        }
    }

    /// A list that does not end in the header is no list: the other copy is taken, and with both the header is damaged.
    @Test(arguments: [[5, 0, 255, 255], [0, 0, 0, 0, 0, 9], [5, 0, 0]] as [[UInt8]])
    func malformedListIsDamage(list: [UInt8]) throws {
        let isWhole = list.count == 3
        let bench = try Self.store(.simulated)
        try Self.put(list, at: Self.storeExtensions, into: "/store/store", bench)
        if isWhole {
            #expect(try bench.open(.readOnly).numbers() == [1, 2, 3])
        } else {
            let error = #expect(throws: StoreError.self) { try bench.open(.readOnly) }
            #expect(error?.code == .damaged)
        }
    }

    /// A seal says what must be known, too: there a chain of hashes over the segments will stand.
    @Test(arguments: [UInt16(5), 5 | HeaderExtensions.mustBeKnown])
    func extensionOfASealIsReadAndChecked(type: UInt16) throws {
        let segment = SegmentHeader(
            storeID: RawIdentifier(high: 0, low: 1), number: 1, salt: 1, epoch: 1, firstPosition: 1,
            baseTime: 0, capacity: 64 << 10)
        var bytes = TestFrame.seal(at: 5120, position: 1, in: segment)
        // The last byte is the count of bytes of the extension.
        bytes.removeLast()
        let list = Self.list(type)
        bytes += [UInt8(list.count)] + list
        bytes[Format.frameHeadOffset + 1] = UInt8(bytes.count)
        bytes = TestFrame.sealed(bytes, at: 5120, in: segment)
        bytes = [UInt8](repeating: 0, count: 5120) + bytes
        var chain = FrameChain(IndexCoverage(startOf: segment), in: SegmentContext(header: segment))
        do throws(FormatError) {
            _ = try chain.next(bytes.span.bytes)
            #expect(type & HeaderExtensions.mustBeKnown == 0)
        } catch {
            #expect(type & HeaderExtensions.mustBeKnown != 0 && error.isOfUnknownVersion)
        }
    }
}
