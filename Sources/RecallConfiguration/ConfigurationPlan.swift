// What the file and the environment ask for, checked as a whole before anything is opened.

internal import Recall

/// The choices and definitions, with every name known.
struct ConfigurationPlan: Sendable {
    let source: ConfigurationSource
    let registry: StoreRegistry
    let defaults: BuiltInDefaults
    /// The aggregate types that there are; nil where any name may be one.
    let aggregateTypes: Set<String>?

    // MARK: Checking

    /// Checks every key and value that can be checked without opening anything.
    /// - Returns: what is defined, in order.
    func check() throws(ConfigurationError) -> [DefinitionKey] {
        var definitions: [DefinitionKey] = []
        var aggregates: [String] = [defaultSection]
        for path in source.fileKeys {
            let first = path.first ?? ""
            if let section = Section(rawValue: first) {
                guard try isNested(path, in: "definitions of \(section.rawValue)") else { continue }
                let key = DefinitionKey(section: section, name: path[1])
                if !definitions.contains(key) { definitions.append(key) }
            } else {
                try checkTopLevel(first, of: path)
                guard try isNested(path, in: "choices of \(first)") else { continue }
                try checkChoice(path)
                if !aggregates.contains(first) { aggregates.append(first) }
            }
        }
        for key in definitions { try checkDefinition(key) }
        // First, since a definition whose kind is misspelt in the environment is none.
        try checkVariables(definitions, aggregates)
        for aggregate in aggregates { try checkChoices(of: aggregate) }
        return definitions
    }

    /// Refuses an environment variable that is nearly one that is read. Others are nobody's business here: any name may be another
    /// program's, or that of an aggregate type which the file does not have.
    private func checkVariables(
        _ definitions: [DefinitionKey], _ aggregates: [String]
    ) throws(ConfigurationError) {
        var paths: [[String]] = []
        let inEnvironment = source.variableNames.compactMap { definition(byKindIn: $0) }
        let owners = Set(aggregates + (aggregateTypes ?? [])).sorted()
        for key in definitions + inEnvironment + owners.flatMap({ chosenNames(of: $0) }) {
            // What has no kind, or an unknown one, is somebody else's until it is chosen, and that is checked.
            let settings = (try? factory(of: key))?.factory.settings.map(\.name) ?? []
            paths += (settings + [kindKey]).map { [key.section.rawValue, key.name, $0] }
        }
        for owner in Set(aggregates + (aggregateTypes ?? [])) {
            paths += Choice.allCases.map { [owner, $0.rawValue] }
        }
        let read = Set(paths.map { source.variable(for: $0) })
        for name in source.variableNames where !read.contains(name) {
            guard let path = paths.first(where: { isMisspelt(name, of: $0) }) else { continue }
            throw ConfigurationError(
                .unknownKey,
                "expected a variable that is read, found \(name): did you mean \(source.variable(for: path))?",
                place: "environment variable \(name)")
        }
    }

    /// What a variable defines that names a kind: definitions need no file. Its name as the variable has it, which is that of the same variables.
    private func definition(byKindIn variable: String) -> DefinitionKey? {
        for section in Section.allCases {
            let example = source.variable(for: [section.rawValue, "x", kindKey])
            let suffix = source.variable(for: ["x", kindKey]).suffix(kindKey.count + 1)
            let prefix = example.dropLast(suffix.count + 1)
            guard variable.hasPrefix(prefix), variable.hasSuffix(suffix),
                variable.count > prefix.count + suffix.count
            else { continue }
            let name = variable.dropFirst(prefix.count).dropLast(suffix.count)
            return DefinitionKey(section: section, name: name.lowercased())
        }
        return nil
    }

    /// The definitions that are chosen for an aggregate type, by a name that no kind has.
    private func chosenNames(of owner: String) -> [DefinitionKey] {
        Section.allCases.compactMap { section in
            guard let name = try? source.text([owner, section.choice.rawValue]),
                registry.factory(name, in: section) == nil
            else { return nil }
            return DefinitionKey(section: section, name: name)
        }
    }

    /// Whether one part of a variable's name differs a little from that of a path: the last one, or the section.
    private func isMisspelt(_ name: String, of path: [String]) -> Bool {
        func isNear(_ part: Substring, _ meant: Substring) -> Bool {
            NearestName.distance(String(part), String(meant)) <= min(2, max(1, meant.count / 4))
        }
        let variable = source.variable(for: path)
        // Without the prefix that all variables have.
        let last =
            source.variable(for: [path[path.count - 1]]).count - (source.variable(for: ["x"]).count - 1)
        let owner = variable.dropLast(last)
        if name.hasPrefix(owner), isNear(name.dropFirst(owner.count), variable.suffix(last)) { return true }
        guard Section(rawValue: path[0]) != nil || path[0] == defaultSection else { return false }
        let rest = variable.dropFirst(source.variable(for: [path[0]]).count)
        return name.hasSuffix(rest) && isNear(name.dropLast(rest.count), variable.dropLast(rest.count))
    }

    /// Whether a path goes on below its first key. A key with nothing behind it is as good as absent.
    private func isNested(_ path: [String], in what: String) throws(ConfigurationError) -> Bool {
        if path.count > 1 { return true }
        do {
            _ = try source.text(path)
        } catch {
            if error.code == .invalidValue, error.message.hasSuffix("found nothing.") { return false }
        }
        throw source.invalid(path, expected: "a mapping with the \(what)", found: "a value")
    }

    private func checkTopLevel(_ name: String, of path: [String]) throws(ConfigurationError) {
        let reserved = Section.allCases.map(\.rawValue) + [defaultSection]
        if name == defaultSection || aggregateTypes?.contains(name) == true { return }
        if let aggregateTypes {
            throw source.error(
                .unknownKey, at: [name],
                "expected a section (\(NearestName.list(reserved))) or an aggregate type (\(NearestName.list(aggregateTypes))), found \"\(name)\": \(NearestName.proposal(for: name, among: reserved + aggregateTypes))"
            )
        }
        // Any name may be an aggregate type here, but hardly one that is nearly a section's.
        if let meant = NearestName.of(name, among: reserved) {
            throw source.error(
                .unknownKey, at: [name],
                "expected a section (\(NearestName.list(reserved))) or an aggregate type, found \"\(name)\": did you mean \(meant)?"
            )
        }
    }

    private func checkChoice(_ path: [String]) throws(ConfigurationError) {
        let known = Choice.allCases.map(\.rawValue)
        if !known.contains(path[1]) {
            throw source.error(
                .unknownKey, at: Array(path.prefix(2)),
                "expected one of \(NearestName.list(known)), found \"\(path[1])\": \(NearestName.proposal(for: path[1], among: known))"
            )
        }
        if path.count > 2 {
            throw source.invalid(Array(path.prefix(2)), expected: "a single value", found: "a mapping")
        }
    }

    private func checkDefinition(_ key: DefinitionKey) throws(ConfigurationError) {
        let base = [key.section.rawValue, key.name]
        if source.fileKeys.contains(base) {
            throw source.invalid(base, expected: "a mapping with a kind and its settings", found: "a value")
        }
        let (_, factory) = try self.factory(of: key)
        let known = factory.settings.map(\.name) + [kindKey]
        for path in source.fileKeys where path.count > 2 && Array(path.prefix(2)) == base {
            if !known.contains(path[2]) {
                throw source.error(
                    .unknownKey, at: Array(path.prefix(3)),
                    "expected one of \(NearestName.list(known)), found \"\(path[2])\": \(NearestName.proposal(for: path[2], among: known))"
                )
            }
            if path.count > 3 {
                throw source.invalid(Array(path.prefix(3)), expected: "a value or a list", found: "a mapping")
            }
        }
    }

    /// Checks what is chosen for an aggregate type. Of the event store only what is there: `default` need
    /// not choose one.
    private func checkChoices(of aggregate: String) throws(ConfigurationError) {
        for section in Section.allCases {
            let path = [aggregate, section.choice.rawValue]
            if let name = try source.text(path) { _ = try factory(named: name, in: section, chosenAt: path) }
        }
        _ = try number(.snapshotFrequency, in: aggregate)
        _ = try number(.identityMapCountMax, in: aggregate)
    }

    // MARK: Choices

    /// The name of what is chosen for an aggregate type: its own choice, else the default's, else the
    /// built-in one.
    func chosen(_ section: Section, for aggregate: AggregateType) throws(ConfigurationError) -> (
        name: String, path: [String]
    ) {
        for owner in [aggregate.rawValue, defaultSection] {
            let path = [owner, section.choice.rawValue]
            if let name = try source.text(path) { return (name, path) }
        }
        let path = [defaultSection, section.choice.rawValue]
        let builtIn: String? =
            switch section {
            case .eventStores: defaults.eventStore
            case .snapshotStores: defaults.snapshotStore
            case .routers: defaults.router
            }
        if let builtIn { return (builtIn, path) }
        throw source.error(
            .missingValue, at: path,
            "expected the name of an event store for \(aggregate), found none at \(aggregate).\(section.choice.rawValue) or here: add one, or set \(source.variable(for: path)); \"memory\" keeps events until the program ends."
        )
    }

    /// A number that is chosen for an aggregate type.
    func chosen(_ choice: Choice, for aggregate: AggregateType, builtIn: Int) throws(ConfigurationError)
        -> Int
    {
        if let own = try number(choice, in: aggregate.rawValue) { return own }
        return try number(choice, in: defaultSection) ?? builtIn
    }

    private func number(_ choice: Choice, in owner: String) throws(ConfigurationError) -> Int? {
        let path = [owner, choice.rawValue]
        guard let text = try source.text(path) else { return nil }
        guard let value = Int(text), value >= 0 else {
            throw source.invalid(path, expected: "a whole number of at least 0", found: "\"\(text)\"")
        }
        return value
    }

    // MARK: Factories

    /// The factory of what a name means: a definition, or else a kind without settings.
    func factory(
        named name: String, in section: Section, chosenAt path: [String]
    ) throws(ConfigurationError) -> (kind: String, factory: StoreRegistry.Factory) {
        let key = DefinitionKey(section: section, name: name)
        if isDefined(key) { return try factory(of: key) }
        if let factory = registry.factory(name, in: section) { return (name, factory) }
        let defined = Set(
            source.fileKeys.filter { $0.count > 1 && $0[0] == section.rawValue }.map { $0[1] }
                + source.variableNames.compactMap { definition(byKindIn: $0) }
                .filter { $0.section == section }.map(\.name))
        let kinds = registry.kinds(in: section)
        throw source.error(
            .unknownName, at: path,
            "expected the name of a definition in \(section.rawValue) (\(NearestName.list(defined))) or of a registered kind (\(NearestName.list(kinds))), found \"\(name)\": \(NearestName.proposal(for: name, among: defined.union(kinds)))"
        )
    }

    private func isDefined(_ key: DefinitionKey) -> Bool {
        let base = [key.section.rawValue, key.name]
        return source.contains(base + [kindKey]) || source.fileKeys.contains { $0.starts(with: base) }
    }

    private func factory(of key: DefinitionKey) throws(ConfigurationError) -> (
        kind: String, factory: StoreRegistry.Factory
    ) {
        let path = [key.section.rawValue, key.name, kindKey]
        let kinds = registry.kinds(in: key.section)
        guard let kind = try source.text(path) else {
            throw source.error(
                .missingValue, at: path,
                "expected the kind of the \(key.section.thing), one of \(NearestName.list(kinds)), found nothing: add it, or set \(source.variable(for: path))."
            )
        }
        guard let factory = registry.factory(kind, in: key.section) else {
            throw source.error(
                .unknownName, at: path,
                "expected a registered kind of \(key.section.thing) (\(NearestName.list(kinds))), found \"\(kind)\": \(NearestName.proposal(for: kind, among: kinds))"
            )
        }
        return (kind, factory)
    }
}
