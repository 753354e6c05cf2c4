// The members of an object in a payload, in the order in which they stand there. A key that stands twice stays twice until
// somebody sets it; who asks for it gets the first, as whoever decodes the payload does.

/// The members of an object.
struct JSONObject: Sendable {
    struct Member: Sendable {
        var key: JSONString
        var value: JSONValue
    }

    var members: [Member] = []

    init(_ members: [Member] = []) { self.members = members }

    /// The value of a key: of the first of several.
    subscript(key: String) -> JSONValue? {
        get { index(of: key).map { members[$0].value } }
        set {
            guard let index = index(of: key) else {
                if let newValue { members.append(Member(key: JSONString(key), value: newValue)) }
                return
            }
            guard let newValue else {
                members.removeAll { $0.key.isKey(key) }
                return
            }
            members[index].value = newValue
            // What is set stands there once.
            var place = members.count - 1
            while place > index {
                if members[place].key.isKey(key) { members.remove(at: place) }
                place -= 1
            }
        }
    }

    private func index(of key: String) -> Int? { members.firstIndex { $0.key.isKey(key) } }
}

extension JSONString {
    fileprivate func isKey(_ key: String) -> Bool { text.hasSameBytes(as: key) && !isBroken }
}

extension JSONObject: Hashable {
    /// Whether both have the same values under the same keys, in whichever order. Of a key that stands several times the
    /// order counts.
    static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.members.count == right.members.count else { return false }
        return left.byKey == right.byKey
    }

    private var byKey: [JSONString: [JSONValue]] {
        var result: [JSONString: [JSONValue]] = [:]
        for member in members { result[member.key, default: []].append(member.value) }
        return result
    }

    func hash(into hasher: inout Hasher) { hasher.combine(byKey) }
}
