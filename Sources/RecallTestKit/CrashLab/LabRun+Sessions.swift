// A session of the store: opened, used, and ended in one of the ways in which programs end.

internal import Recall
internal import RecallLog

extension LabRun {
    /// Opens the store, uses it and ends the session.
    func live(session number: Int) throws {
        statistics.sessionCount += 1
        steps.append("Session \(number)")
        clock.mayJump()
        if number > 1, chance(25) { try lookWithoutWriter() }
        if number > 1 { try loseFiles() }
        isClosedCleanly = false
        try open()
        if chance(40) { try loadSnapshot() }
        if lost.count > 1, chance(60) { return try retryAndDie() }
        planTrouble()
        let stepCount = self.number(in: 4 ..< 30)
        for _ in 0 ..< stepCount where !disk.isStopped {
            try step()
            if isLatched, chance(30) { break }
        }
        if !disk.isStopped, chance(30) { try compareEverything() }
        try end()
    }

    /// Who was not answered sends the first commit again and nothing more: what was lost behind it must stay lost.
    private func retryAndDie() throws {
        follower = nil
        try append([lost.removeFirst()])
        endTrouble()
        log = nil
        if chance(50) { dieAlone() } else { losePower() }
    }

    private func step() throws {
        clock.pass(microseconds: Int64(number(in: 0 ..< 3_000)))
        switch number(in: 0 ..< 100) {
        case 0 ..< 50: try appendOne()
        case 50 ..< 60: try appendGroup()
        case 60 ..< 64: try appendOversized()
        case 64 ..< 74: try compareSomething()
        case 74 ..< 80: try saveSnapshot()
        case 80 ..< 84: try loadSnapshot()
        case 84 ..< 86: try removeSnapshot()
        case 86 ..< 92: try follow()
        case 92 ..< 94: try backUp()
        case 94 ..< 98:
            note("housekeeping is done")
            try opened().finishHousekeeping()
        default: try syncOwed()
        }
    }

    // MARK: Opening

    /// Opens the store, now and then with a crash or a failure in between, and holds it against the model.
    private func open() throws {
        isTroubled = false
        for depth in 0 ... 2 {
            let isTried = depth < 2
            if isTried, chance(20) {
                disk.stop(afterMutation: disk.mutationCount + self.number(in: 0 ..< 14))
                isTroubled = true
                note("the power will fail during the opening")
            } else if isTried, chance(12) {
                planFault(of: SimulatedOperation.Kind.allCases, within: 12)
            } else {
                isTroubled = false
            }
            do throws(StoreError) {
                log = try Log.openBlocking(at: settings.path, configuration: configuration, disk: disk)
            } catch {
                log = nil
                try endFailedOpening(error)
                continue
            }
            note("opened")
            return try checkOpened()
        }
    }

    private func endFailedOpening(_ error: StoreError) throws {
        note("opening failed: \(error.code.rawValue)")
        if !isTroubled {
            throw ConformanceFailure("Opening: expected success, for nothing failed, found \(error).")
        }
        if error.code == .damaged {
            throw ConformanceFailure("Opening on a failing disk: expected its failure, found \(error).")
        }
        statistics.interruptedOpeningCount += 1
        endTrouble()
        if disk.isStopped || chance(50) { losePower() } else if chance(50) { dieAlone() }
    }

    /// Settles what was not known, now that what is stored can be seen.
    private func checkOpened() throws {
        let log = try opened()
        isLatched = false
        hasBeenOpened = true
        if !isTroubled { mayHoldTornSuperblock = false }
        snapshots.expected = [:]
        let found = try log.lastPositionBlocking()
        try settle(found)
        if settings.isSynced { durablePosition = found }
        // A failure that was planned for the opening may be still to come.
        isCacheDoubtful = isSyncToFail && disk.pendingFaultCount > 0
        seenPosition = found
        // While it is known that nothing fails.
        if !isTroubled || chance(20) {
            try compareEverything()
            if !isTroubled { try verify() }
        }
    }

    /// Brings the model to where the store is, if that is one of the places where it may be.
    private func settle(_ found: Position) throws {
        let least = seenPosition > model.lastPosition ? seenPosition : model.lastPosition
        if found < least {
            guard !settings.isSynced, isCacheDoubtful, found >= durablePosition else {
                throw ConformanceFailure(
                    "The last position after opening: expected \(least) at least, which was acknowledged or read, and is durable up to \(durablePosition), found \(found)."
                )
            }
        }
        if found < model.lastPosition {
            guard commitEnds.contains(found) else {
                throw ConformanceFailure(
                    "The last position after opening: expected the end of a commit, found \(found).")
            }
            forgetCommits(after: found)
        } else {
            for (commit, time) in unanswered where model.lastPosition < found {
                _ = model.append(commit, time: time)
                noteCommitEnd()
            }
        }
        if model.lastPosition != found {
            throw ConformanceFailure(
                "The last position after opening: expected the end of a commit up to \(model.lastPosition), found \(found)."
            )
        }
        lost = unanswered.map(\.commit).filter { model.outcomeWithoutWriting(of: $0) == nil }
        unanswered = []
    }

    /// Opens the store for reading while nobody writes: what it shows is what the writer will find.
    private func lookWithoutWriter() throws {
        let log: Log
        do throws(StoreError) {
            log = try Log.openBlocking(
                at: settings.path, access: .readOnly, configuration: configuration, disk: disk)
        } catch {
            // The power may have failed before there was a store.
            if error.code == .notFound, !hasBeenOpened { return }
            throw ConformanceFailure("Opening for reading: expected success, found \(error).")
        }
        let found = try log.lastPositionBlocking()
        note("looked at for reading only, up to \(found)")
        try verify()
        guard found <= model.lastPosition else { return }
        try expectEvents(
            try log.readToEndBlocking(EventQuery()),
            Array(model.events.prefix(Int(found.rawValue))), "Reading without a writer")
    }

    // MARK: Ending

    private func end() throws {
        follower = nil
        let isWilling = !disk.isStopped
        if isWilling, chance(30) { return try close() }
        endTrouble()
        log = nil
        if isWilling, chance(40) { dieAlone() } else { losePower() }
    }

    private func close() throws {
        let log = try opened()
        do throws(StoreError) {
            try log.closeBlocking()
        } catch {
            note("closing failed: \(error.code.rawValue)")
            if !isTroubled { throw ConformanceFailure("Closing: expected success, found \(error).") }
            let isStopped = disk.isStopped
            endTrouble()
            self.log = nil
            if !isStopped, chance(50) { dieAlone() } else { losePower() }
            return
        }
        self.log = nil
        note("closed")
        statistics.cleanCloseCount += 1
        isClosedCleanly = !isTroubled
        if isLatched {
            throw ConformanceFailure("Closing a latched log: expected its failure, found success.")
        }
        durablePosition = model.lastPosition
        let isStopped = disk.isStopped
        endTrouble()
        // What is beside the log may have failed.
        if isStopped { return losePower() }
        if chance(30) { try verify() }
        if chance(40) { losePower() }
        if isClosedCleanly { try keepSegments() }
    }

    /// The process ends without a word, and the system goes on.
    private func dieAlone() {
        note("the process dies")
        statistics.processDeathCount += 1
        replaceDisk(with: disk.kill())
    }

    private func losePower() {
        let crash: SimulatedCrash =
            switch number(in: 0 ..< 8) {
            case 0: .losingEverythingUnsynced
            case 1: .keepingEverything
            default: .arbitrary(seed: generator.next())
            }
        note("the power fails, \(crash)")
        statistics.powerLossCount += 1
        isCacheDoubtful = true
        replaceDisk(with: disk.crash(crash))
    }

    /// The last look at the store.
    func finish() throws {
        isTroubled = false
        steps.append("The end")
        log = try Log.openBlocking(at: settings.path, configuration: configuration, disk: disk)
        try checkOpened()
        let segments = try opened().inspect().segments.count
        statistics.segmentCount += segments
        try opened().closeBlocking()
        log = nil
        try verify()
        try compareBackup()
        replaceDisk(with: disk)
    }
}
