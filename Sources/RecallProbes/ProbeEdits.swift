// What an input of the segment probe does to the files of a store: damage of every kind, from a bit to a file that ends
// early, frames in other places, and contents that nobody wrote under checksums that hold.

internal import RecallLog
internal import RecallTestKit

/// The files of a store as an input changes them.
struct ProbeEdits {
    /// Whether the checksums of frames are made to hold again.
    let mendsFrames: Bool
    /// Whether the checksums of headers are made to hold again.
    let mendsHeaders: Bool
    let dropsIndexes: Bool
    private var contents: [[UInt8]]

    /// - Parameter input: the control byte, then edits of six bytes: file and kind of edit, a number, offset u16, value u16.
    init(_ input: some Collection<UInt8>, of store: ProbeStore) {
        let control = input.first ?? 0
        mendsFrames = control & 1 != 0
        mendsHeaders = control & 2 != 0
        dropsIndexes = control & 4 != 0
        contents = store.files.map(\.bytes)
        var rest = Array(input.dropFirst())[...]
        while rest.count >= 6 {
            let edit = Array(rest.prefix(6))
            rest = rest.dropFirst(6)
            let file = Int(edit[0]) % contents.count
            apply(
                kind: Int(edit[0]) / contents.count, number: Int(edit[1]),
                offset: Int(edit[2]) | Int(edit[3]) << 8, value: Int(edit[4]) | Int(edit[5]) << 8,
                to: &contents[file], store.files[file])
        }
        for (index, file) in store.files.enumerated() {
            if mendsHeaders { Self.mendHeaders(&contents[index]) }
            if mendsFrames, let header = file.header { Self.mendFrames(&contents[index], header) }
        }
    }

    private func apply(
        kind: Int, number: Int, offset: Int, value: Int, to bytes: inout [UInt8], _ file: ProbeStore.File
    ) {
        guard !bytes.isEmpty else { return }
        let start = offset % min(file.editedCount, bytes.count)
        func fill(_ count: Int, _ content: (Int) -> UInt8) {
            for place in start ..< min(start + count, bytes.count) { bytes[place] = content(place) }
        }
        switch kind % 12 {
        case 0: bytes[start] = UInt8(truncatingIfNeeded: value)
        case 1: bytes[start] ^= 1 << UInt8(number & 7)
        case 2: fill(4) { UInt8(truncatingIfNeeded: value >> (8 * ($0 - start))) }
        case 3: fill(8) { _ in number & 1 == 0 ? 0xFF : 0x80 }
        case 4: fill(value) { _ in 0 }
        case 5: fill(512) { _ in UInt8(number) }
        case 6: bytes.removeSubrange(start...)
        case 7: fill(bytes.count) { _ in 0 }
        case 8:
            let source = bytes
            fill(min(value, source.count)) { source[($0 + number * 16) % source.count] }
        case 9:  // A frame over another place.
            guard let frame = file.frames.isEmpty ? nil : file.frames[number % file.frames.count] else {
                return
            }
            fill(frame.count) { file.bytes[frame.lowerBound + $0 - start] }
        case 10:  // A frame is taken out, and what follows moves up.
            guard let frame = file.frames.isEmpty ? nil : file.frames[number % file.frames.count],
                frame.upperBound <= bytes.count
            else { return }
            bytes.removeSubrange(frame)
            bytes += repeatElement(0, count: frame.count)
        default:  // A varint of the frame's beginning.
            guard let frame = file.frames.isEmpty ? nil : file.frames[number % file.frames.count] else {
                return
            }
            let place = frame.lowerBound + 4 + offset % 24
            if place < bytes.count { bytes[place] = UInt8(truncatingIfNeeded: value) }
        }
    }

    /// Makes the checksum of every sector hold that begins as a header does.
    private static func mendHeaders(_ bytes: inout [UInt8]) {
        for start in stride(from: 0, through: bytes.count - Format.headerSize, by: Format.headerSize)
        where bytes[start ..< start + 6].elementsEqual("RECALL".utf8) {
            let end = start + Format.headerChecksumOffset
            let checksum = bytes.withUnsafeBytes { Checksum.crc32c($0.bytes.extracting(start ..< end)) }
            replace(checksum, at: end, in: &bytes)
        }
    }

    /// Makes the checksum of everything hold that has the form of a frame, the dictionary among it.
    private static func mendFrames(_ bytes: inout [UInt8], _ header: SegmentHeader) {
        var offset = Format.headerCopiesSize
        while offset < bytes.count {
            let frame = try? bytes.withUnsafeBytes {
                try FrameHeader.decode($0.bytes, at: offset, in: header, isChecked: false)
            }
            guard let frame else {
                offset += 1
                continue
            }
            var copy = ByteWriter(capacity: frame.size)
            bytes.withUnsafeBytes { copy.bytes($0.bytes.extracting(offset ..< frame.endOffset)) }
            FrameHeader.finish(&copy, from: 0, at: offset, in: header)
            let checksum = copy.withBytes {
                UInt32(littleEndian: $0.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
            }
            replace(checksum, at: offset, in: &bytes)
            offset = frame.endOffset
        }
    }

    private static func replace(_ checksum: UInt32, at offset: Int, in bytes: inout [UInt8]) {
        for index in 0 ..< 4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index))
        }
    }

    /// The store on a disk of its own.
    func disk(of store: ProbeStore) throws -> SimulatedDisk {
        let disk = store.disk.crashKeepingEverything()
        for (file, bytes) in zip(store.files, contents) where file.bytes != bytes {
            let open = try disk.open(file.path, .readWrite)
            if bytes.count < file.bytes.count { try open.truncate(to: bytes.count) }
            try bytes.withUnsafeBytes { try open.write($0.bytes, at: 0) }
        }
        if dropsIndexes {
            for name in try disk.list("/store/indexes") { try disk.delete("/store/indexes/\(name)") }
        }
        return disk
    }
}
