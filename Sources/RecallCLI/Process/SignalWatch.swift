// SIGINT and SIGTERM as a call on a thread of its own, where ordinary code may run, instead of in a
// signal handler, where almost nothing may.

import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

enum SignalWatch {
    /// Keeps SIGINT and SIGTERM from ending the process, and calls `body` for each instead.
    ///
    /// Called before any other thread is started: threads take the mask of the one that starts them.
    static func start(_ body: @escaping @Sendable (Int32) -> Void) {
        var signals = Self.signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        DispatchQueue(label: "recall.signals").async {
            var signals = Self.signals
            var number: Int32 = 0
            while sigwait(&signals, &number) == 0 { body(number) }
        }
    }

    /// Ends the process by a signal, as if nobody had watched for it, so that the shell sees why.
    static func end(by number: Int32) -> Never {
        signal(number, SIG_DFL)
        var signals = Self.signals
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), number)
        // The signal may reach another thread a moment later.
        while true { pause() }
    }

    /// What the signal `number` is called.
    static func name(_ number: Int32) -> String {
        number == SIGINT ? "SIGINT" : number == SIGTERM ? "SIGTERM" : "signal \(number)"
    }

    private static var signals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        return signals
    }
}
