// An event in the short style on its way through a codec. Codecs take payloads, and this is one: what it encodes is the object at the
// event's one key, without the key, and so the same bytes that a payload struct gives.
//
// One pass each way. The name of the case is known when the coding that the compiler wrote asks for the container at its key: it is noted
// then. On the way back it is known before, from the stored event, and given to the decoder of the codec, which knows nothing of it.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Synchronization

/// An event whose case is named by `CodingKeys`, as a codec is given it and as `stagedEvents` holds it.
///
/// Its type has no name of its own; the event's follows from the case.
public struct CasePayload<Fact: Event>: EventPayload {
    /// The event.
    public let event: Fact
    private let note: CaseNote?

    init(_ event: Fact, note: CaseNote? = nil) {
        self.event = event
        self.note = note
    }

    /// The name of the case that is being decoded; none otherwise, for the type holds any.
    public static var eventType: EventType { EventType(CaseNote.decodedName ?? "") }

    /// The event's.
    public var tags: [EventTag] { event.tags }

    /// Takes what is stored of a case.
    /// - Throws: `DecodingError`, where that is not what the case holds, or nobody has said which case it is.
    public init(from decoder: any Decoder) throws {
        guard let name = CaseNote.decodedName, let key = Fact.key(named: EventType(name)) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription:
                        "The case of \(Fact.self) is not known: decode the stored event with EventCoder"))
        }
        self.init(try Fact(from: CaseReading(key: key, payload: decoder)))
    }

    public func encode(to encoder: any Encoder) throws {
        let note = note ?? CaseNote()
        try event.encode(to: CaseWriting(payload: encoder, note: note))
        if let problem = note.problem {
            throw EncodingError.invalidValue(
                event, EncodingError.Context(codingPath: encoder.codingPath, debugDescription: problem))
        }
    }

    /// The event whose payload is stored under a key.
    static func decode(_ key: Fact.CodingKeys, with codec: any EventCodec, from data: Data) throws -> Fact {
        // No codec stands between, so the key can be handed on.
        if codec is JSONEventCodec {
            return try Fact(from: CaseReading(key: key, payload: StoredJSON.reading(data)))
        }
        return try CaseNote.$decodedName.withValue(key.stringValue) {
            try codec.decode(CasePayload<Fact>.self, from: data).event
        }
    }
}

/// What is learned about a case while it is encoded.
final class CaseNote: Sendable {
    private struct State {
        var name: String?
        var problem: String?
        var unlabelled: (any EventPayload)?
        var form: Form?
    }

    /// What became of a value without a label.
    enum Form {
        /// Its object is the payload.
        case payload
        /// It stands in the payload under a key of its own.
        case member
    }

    /// The name of the case that a codec decodes.
    @TaskLocal static var decodedName: String?

    private let state = Mutex(State())

    /// The name that the case is stored under; nil where no key was asked for.
    var name: String? { state.withLock { $0.name } }
    /// Why what was encoded could not be read back; nil where nothing is wrong.
    var problem: String? { state.withLock { $0.problem } }
    /// The payload of the other style that is the case's only value; nil where it holds none.
    var unlabelled: (any EventPayload)? { state.withLock { $0.unlabelled } }

    func note(name: String) {
        state.withLock { state in
            if let known = state.name, !known.hasSameBytes(as: name) {
                state.problem =
                    "The event encodes two keys, \"\(known)\" and \"\(name)\", and is stored under one"
            }
            state.name = name
        }
    }

    func note(unlabelled payload: any EventPayload) { state.withLock { $0.unlabelled = payload } }

    /// Notes what becomes of a value without a label, which may not be both.
    func note(_ form: Form, of type: any Any.Type) {
        state.withLock { state in
            if let known = state.form, known != form {
                state.problem =
                    "\(type) encodes itself in two ways, one of which holds the key \"_0\": give the value a label"
            }
            state.form = form
        }
    }
}
