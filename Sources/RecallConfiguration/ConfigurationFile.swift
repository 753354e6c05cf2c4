// The YAML file, read and parsed. The parser takes all that it is given, copies what an alias names each time, and
// passes over its values in a time that grows with the square of their number: so a file is bounded before.

internal import Configuration
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A file's values, and their keys in order.
struct ConfigurationFile: Sendable, CustomReflectable {
    /// The path and no value: any of them may be a secret.
    var customMirror: Mirror { Mirror(self, children: ["path": path]) }

    /// Size of a file at most, in bytes.
    static let bytesMax = 64 << 10
    /// Its size at most, doubled for each alias in it: one may repeat all that was said before.
    static let expandedBytesMax = 256 << 10

    let path: String
    /// The path of every value, in order.
    let keys: [[String]]
    /// The values. Each is a text or a list of texts: what it means is for who asks.
    let provider: InMemoryProvider

    /// Reads a file.
    /// - Throws: `missingFile` or `malformedFile`.
    init(path: String) throws(ConfigurationError) {
        if !FileManager.default.fileExists(atPath: path) {
            throw ConfigurationError(
                .missingFile,
                "expected a configuration file, found none at this path: create it, or give the path of one.",
                place: path)
        }
        let text: Data
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64
            if let size, size > UInt64(Self.bytesMax) { throw Self.tooLarge(Int(clamping: size), path) }
            text = try Data(contentsOf: URL(filePath: path))
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw Self.malformed(path, error)
        }
        try self.init(text: text.bytes, path: path)
    }

    /// Takes up the text of a file.
    /// - Parameter path: where it stands, for messages.
    /// - Throws: `malformedFile`.
    init(text: RawSpan, path: String) throws(ConfigurationError) {
        guard text.byteCount <= Self.bytesMax else { throw Self.tooLarge(text.byteCount, path) }
        let aliasCount = Self.aliasCount(text)
        if aliasCount > 0, text.byteCount > Self.expandedBytesMax >> min(aliasCount, 62) {
            throw ConfigurationError(
                .malformedFile,
                "expected a file whose aliases (*name) repeat little, found \(aliasCount) of them in \(text.byteCount) bytes: write out what they stand for.",
                place: path)
        }
        let keys = KeyList()
        let options = YAMLSnapshot.ParsingOptions(
            secretsSpecifier: .dynamic { key, _ in
                keys.append(key)
                return ConfigurationSource.looksSecret(key)
            })
        let parsed: YAMLSnapshot
        do {
            parsed = try YAMLSnapshot(data: text, providerName: "YAML", parsingOptions: options)
        } catch {
            throw Self.malformed(path, error)
        }
        self.path = path
        self.keys = keys.all.map {
            $0.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for key in self.keys.map({ AbsoluteConfigKey($0) }) {
            // Asked for as what it is not, a value is refused.
            values[key] =
                (try? parsed.value(forKey: key, type: .string).value)
                ?? (try? parsed.value(forKey: key, type: .stringArray).value)
        }
        provider = InMemoryProvider(name: path, values: values)
    }

    /// How many aliases the text may have: where a value can begin, an asterisk before a name. Some of them may stand in a
    /// comment or in quotes.
    private static func aliasCount(_ text: RawSpan) -> Int {
        var count = 0
        var before = UInt8(ascii: " ")
        for offset in 0 ..< text.byteCount {
            let byte = text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            if byte == UInt8(ascii: "*"), before <= 0x20 || "[{,:-".utf8.contains(before) { count += 1 }
            before = byte
        }
        return count
    }

    private static func tooLarge(_ byteCount: Int, _ path: String) -> ConfigurationError {
        ConfigurationError(
            .malformedFile,
            "expected a configuration of at most \(bytesMax) bytes, found \(byteCount): give the path of a configuration file.",
            place: path)
    }

    private static func malformed(_ path: String, _ error: any Error) -> ConfigurationError {
        // The parser's message goes on with the lines of the file, which may hold a secret.
        let message = "\(error)".split(whereSeparator: \.isNewline).first.map(String.init) ?? "unknown"
        return ConfigurationError(
            .malformedFile,
            "expected a YAML file with a mapping at its top level, and could not read it as one (\(message)): correct it there.",
            place: path)
    }

    /// Gathers the keys of a file while it is parsed.
    private final class KeyList: Sendable {
        private let keys = Mutex<[String]>([])
        func append(_ key: String) { keys.withLock { $0.append(key) } }
        var all: [String] { keys.withLock { $0 } }
    }
}
