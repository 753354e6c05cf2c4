// `--query`: criteria as JSON. Read strictly, since a misspelt key would ask for everything.

import Recall

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

enum CriteriaOption {
    private static let form =
        "give an array of items such as [{\"types\":[\"EmployeeHired\"],\"tags\":[\"company:planet-express\"]}]"

    /// Reads the text of the option.
    /// - Throws: `CommandFailure` that says which item is wrong, and how.
    static func parse(_ text: String, of option: String = "--query") throws(CommandFailure) -> EventCriteria {
        let value: JSONValue
        do { value = try JSONValue(parsing: Data(text.utf8)) } catch {
            throw CommandFailure(.badInput, "\(option) is no JSON; \(form).")
        }
        guard let items = value.array else {
            throw CommandFailure(.badInput, "\(option) is no array; \(form).")
        }
        var criteria = EventCriteria()
        for (index, item) in items.enumerated() {
            criteria.items.append(try self.item(item, "item \(index + 1) of \(option)"))
        }
        return criteria
    }

    private static func item(_ value: JSONValue, _ place: String) throws(CommandFailure) -> EventCriteria.Item
    {
        guard let keys = value.keys else {
            throw CommandFailure(.badInput, "\(place) is no object; \(form).")
        }
        var item = EventCriteria.Item()
        for key in keys {
            switch key {
            case "types":
                item.types = Set(try names(value[key], "\"types\" of \(place)").map { EventType($0) })
            case "tags": item.tags = Set(try names(value[key], "\"tags\" of \(place)").map { EventTag($0) })
            default:
                throw CommandFailure(
                    .badInput, "The key \"\(key)\" of \(place) is unknown, expected types or tags; \(form).")
            }
        }
        guard Set(keys).count == keys.count else {
            throw CommandFailure(.badInput, "A key stands twice in \(place); \(form).")
        }
        return item
    }

    private static func names(_ value: JSONValue?, _ place: String) throws(CommandFailure) -> [String] {
        guard let values = value?.array else {
            throw CommandFailure(.badInput, "\(place) is no array; \(form).")
        }
        var names: [String] = []
        for value in values {
            guard let name = value.string else {
                throw CommandFailure(.badInput, "\(place) holds something that is no string; \(form).")
            }
            names.append(name)
        }
        return names
    }
}
