// Looking at a whole store: what it holds, and whether all of it is what was written.

public import Recall

extension Log {
    /// Reads every byte of a store and checks every checksum, sequence and index, beside a writer or not. Changes nothing.
    ///
    /// Blocks the calling thread for as long as reading the store takes. One segment at a time is in memory, of 64 MiB or what
    /// the store was configured with, 1 GiB at most; what the medium does not give back is a finding.
    /// - Parameters:
    ///   - path: the store's directory.
    ///   - progress: is called about once for each mebibyte, on the calling thread.
    /// - Throws: what keeps the store from being looked at at all. Damage is not thrown but reported.
    public static func verify(
        at path: String, progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) throws(StoreError) -> VerificationReport {
        try verify(at: path, disk: POSIXDisk(), progress: progress)
    }

    package static func verify(
        at path: String, disk: any Disk, sabotages: Sabotages = Sabotages(),
        progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) throws(StoreError) -> VerificationReport {
        var configuration = LogConfiguration()
        configuration.sabotages = sabotages
        let opening = StoreOpening(disk, access: .readOnly, configuration: configuration)
        let layout = try opening.layout(at: path)
        let header: StoreHeader
        do throws(StoreError) {
            header = try opening.header(of: layout)
        } catch {
            guard error.code == .damaged else { throw error }
            var report = VerificationReport()
            report.findings.append(
                VerificationFinding(
                    kind: .file, subject: .storeHeader, segment: nil, offset: nil, positions: nil,
                    reason: error.message))
            return report
        }
        var verifier = LogVerifier(layout, progress: progress)
        return try verifier.verify(
            header, limitPosition: try LogFollower.limit(in: layout))
    }

    /// Counts what the log holds. Blocks the calling thread while it reads all frames.
    /// - Throws: `damaged` where frames are not what was written: verify the store then.
    public func inspect() throws(StoreError) -> LogInspection {
        let last = try visiblePosition()
        var result = LogInspection()
        result.storeID = AggregateID(header.storeID.uuid).description
        result.createdAt = Timestamp(microsecondsSince1970: header.createdAt)
        result.wasClosedCleanly = wasClosedCleanly
        let files = contents.segments
        for (index, file) in files.enumerated() {
            result.segments.append(
                SegmentInspection(
                    number: file.header.number, firstPosition: Position(file.header.firstPosition),
                    eventCount: 0, commitCount: 0, capacityBytes: file.header.capacity,
                    usedBytes: file.header.framesOffset, isSealed: index + 1 < files.count))
        }
        try count(through: last, files, &result)
        result.usedBytes = result.segments.reduce(0) { $0 + $1.usedBytes }
        result.aggregateCount = try contents.aggregateCount()
        let snapshots = try snapshotFiles.statistics()
        result.snapshotCount = snapshots.count
        result.snapshotBytes = snapshots.liveBytes
        return result
    }

    private func count(
        through last: UInt64, _ files: [SegmentFile], _ result: inout LogInspection
    ) throws(StoreError) {
        var index = 0
        try reader.forEachCommit(from: 1, through: last, in: files) { (commit, _) throws(StoreError) in
            while index + 1 < files.count, files[index + 1].header.firstPosition <= commit.firstPosition {
                index += 1
            }
            result.segments[index].eventCount += commit.eventCount
            result.segments[index].commitCount += 1
            result.segments[index].usedBytes = commit.frame.endOffset
            result.commitCount += 1
            result.clockSteps.add(time: commit.time, position: commit.firstPosition)
            result.bodyBytes += commit.rawSize
            result.storedBodyBytes += commit.body.count
            return .goOn
        }
        // Counted by name in place: a type is made a string once, not for each event.
        var types: [[UInt8]: Int] = [:]
        try reader.replay(EventQuery(), published: last) { (event, bytes) throws(StoreError) in
            result.eventCount += 1
            if result.firstTime == nil { result.firstTime = event.time }
            result.lastTime = event.time
            types[bytes.extracting(event.type).withUnsafeBytes { Array($0) }, default: 0] += 1
            return true
        }
        for (name, count) in types {
            result.eventTypes[EventType(String(decoding: name, as: UTF8.self))] = count
        }
    }
}
