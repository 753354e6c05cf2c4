// When sealed segments are rewritten: by the thread that keeps indexes, one segment a turn, so that indexes of
// segments that are sealed meanwhile come in between. Nobody waits for it.

internal import Recall
internal import RecallThreads

extension LogWriter {
    /// Keeps the indexes of sealed segments, and rewrites what waits for it.
    func scheduleHousekeeping() {
        // The writer is kept until then, and the lock with it.
        housekeeping.submit { [self] in
            contents.keepIndexes(configuration.logger)
            rewriteNext()
        }
    }

    /// Takes up what an earlier session has left.
    package func resumeRewriting() {
        guard contents.nextToRewrite != nil else { return }
        housekeeping.submit { [self] in rewriteNext() }
    }

    private func rewriteNext() {
        let job = RewriteJob(contents: contents, configuration: configuration)
        if job.rewriteNext() { housekeeping.submit { [self] in rewriteNext() } }
    }
}
