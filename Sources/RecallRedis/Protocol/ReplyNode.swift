// An answer while hiredis builds it: its parser hands over each part with the array it belongs to.
//
// Invariants: an array holds its parts, and the parser holds the root; so a part lives as long as the root. No
// array is larger than `elementCountMax`, whatever a server says.

internal import CHiredis

/// A part of an answer.
final class ReplyNode {
    /// More than any answer to the store's commands has.
    static let elementCountMax = 1 << 16

    fileprivate(set) var reply: RedisReply
    fileprivate var children: [ReplyNode?] = []

    fileprivate init(_ reply: RedisReply) { self.reply = reply }

    /// The finished answer. The parser limits its depth.
    func finish() -> RedisReply {
        if case .array = reply { return .array(children.map { $0?.finish() ?? .null }) }
        return reply
    }

    /// The functions that the parser makes its objects with.
    static func makeFunctions() -> UnsafeMutablePointer<redisReplyObjectFunctions> {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(to: redisReplyObjectFunctions())
        recall_hiredis_refuse_newer(functions)
        functions.pointee.createString = { task, bytes, count in
            let bytes = UnsafeRawBufferPointer(start: bytes, count: Int(count))
            let reply: RedisReply =
                switch task?.pointee.type {
                case REDIS_REPLY_ERROR: .error(RedisServerError(text: String(decoding: bytes, as: UTF8.self)))
                case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
                default: .string(Array(bytes))
                }
            return ReplyNode.attach(ReplyNode(reply), to: task)
        }
        functions.pointee.createArray = { task, count in
            // The parser ends with an error where it gets no object.
            guard count >= 0, count <= ReplyNode.elementCountMax else { return nil }
            let node = ReplyNode(.array([]))
            node.children = Array(repeating: nil, count: Int(count))
            return ReplyNode.attach(node, to: task)
        }
        functions.pointee.createInteger = { task, value in
            ReplyNode.attach(ReplyNode(.integer(Int64(value))), to: task)
        }
        functions.pointee.createNil = { task in ReplyNode.attach(ReplyNode(.null), to: task) }
        functions.pointee.freeObject = { object in
            if let object { Unmanaged<ReplyNode>.fromOpaque(object).release() }
        }
        return functions
    }

    /// Puts a part into its array, which holds it from then on; the root is held for the parser.
    private static func attach(
        _ node: ReplyNode, to task: UnsafePointer<redisReadTask>?
    ) -> UnsafeMutableRawPointer? {
        guard let task else { return nil }
        guard let parent = task.pointee.parent else { return Unmanaged.passRetained(node).toOpaque() }
        guard let object = parent.pointee.obj else { return nil }
        let array = Unmanaged<ReplyNode>.fromOpaque(object).takeUnretainedValue()
        let index = Int(task.pointee.idx)
        guard array.children.indices.contains(index) else { return nil }
        array.children[index] = node
        return Unmanaged.passUnretained(node).toOpaque()
    }
}
