// The readers of what adapters get from servers, each behind one function that takes any bytes at all. Apart from the probes of the
// log's readers, since these need the adapters' C libraries.

internal import RecallProbes

/// Runs a reader of an adapter on bytes that nobody vouches for, and checks what it answers. Each probe returns where the reader kept
/// its promises, whether it accepted the bytes or refused them.
public enum AdapterProbe {
    static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw ProbeFailure(message()) }
    }
}
