// A log that a configuration file names.

public import Recall

extension LogEventStore: Configurable {
    /// `log`.
    public static var kind: String { "log" }

    /// `path`; `durability` (`commit`, `interval` or `system`), `interval`, `segment_bytes_max` and `is_rewriting`, which
    /// are those of `LogConfiguration`; `access` (`create_or_open`, `open_existing` or `read_only`).
    public static var settingNames: [SettingName] {
        ["path", "durability", "interval", "segment_bytes_max", "is_rewriting", "access"]
    }

    /// Opens the log, which is closed with the settings.
    /// - Throws: the settings' errors, or those of `Log.open(at:access:configuration:)`.
    public static func make(from settings: any StoreSettings) async throws -> LogEventStore {
        let (path, access, configuration) = try choices(from: settings)
        let log = try await Log.open(at: path, access: access, configuration: configuration)
        await settings.onClose { try await log.close() }
        return log.events
    }

    /// Checks the settings, and touches no file.
    /// - Throws: the settings' errors.
    public static func check(_ settings: any StoreSettings) throws { _ = try choices(from: settings) }

    private static func choices(
        from settings: any StoreSettings
    ) throws -> (path: String, access: LogAccess, configuration: LogConfiguration) {
        var configuration = LogConfiguration()
        configuration.durability = try durability(from: settings)
        if let bytes = try settings.int("segment_bytes_max", in: 64 << 10 ... 1 << 30) {
            configuration.segmentBytesMax = bytes
        }
        if let isRewriting = try settings.bool("is_rewriting") { configuration.isRewriting = isRewriting }
        let access: LogAccess =
            switch try settings.choice("access", of: ["create_or_open", "open_existing", "read_only"]) {
            case "open_existing": .openExisting
            case "read_only": .readOnly
            default: .createOrOpen
            }
        return (try settings.requiredString("path"), access, configuration)
    }

    private static func durability(from settings: any StoreSettings) throws -> Durability {
        let interval = try settings.duration("interval")
        switch try settings.choice("durability", of: ["commit", "interval", "system"]) {
        case "interval":
            guard let interval, interval > .zero else {
                throw settings.rejection(
                    of: "interval", expected: "a duration, since durability is interval",
                    found: interval.map { "\($0)" } ?? "nothing")
            }
            return .interval(interval)
        case let word:
            // It would be a promise that nobody keeps.
            if let interval {
                throw settings.rejection(
                    of: "interval", expected: "no interval unless durability is interval",
                    found: "\(interval)")
            }
            return word == "system" ? .system : .commit
        }
    }
}
