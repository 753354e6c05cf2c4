// Given, when, then: what has happened to an aggregate, what is asked of it, and what happens then, or why not. A scenario goes all the way that an
// application goes, through a repository and a store in memory, so that it finds what a decision alone does not show: an event that cannot be
// read back, a state that no event gave, a snapshot that is not what the events give.
//
// A scenario is a value; nothing is done before `then` or `thenRefused`, each of which begins anew.

public import Recall

/// The history of an aggregate, and with `when` the question to it:
///
///     try await Scenario<Company>()
///         .given(.founded(name: "Planet Express"))
///         .when { company in try company.hire("Philip Fry", as: "Delivery Boy", id: fry) }
///         .then(.hired(employeeID: fry, name: "Philip Fry", title: "Delivery Boy"))
///
/// Times and event ids are the same in each run, as those of `RepositoryConfiguration.fixed(startingAt:coder:)`. What the domain itself makes, such as the ids of children,
/// it is to be given, or `then { result in … }` compares with what it returned.
public struct Scenario<Root: AggregateRoot>: Sendable {
    /// The aggregate's id.
    public let id: AggregateID
    /// The codec, the upcasters and what is ignored.
    public let coder: EventCoder
    private var history: [@Sendable (ScenarioStage<Root>) async throws -> Void] = []

    /// An aggregate to which nothing has happened yet.
    public init(_ id: AggregateID = AggregateID(), coder: EventCoder = EventCoder()) {
        self.id = id
        self.coder = coder
    }

    /// Events of the aggregate itself that have happened.
    public func given(_ facts: Root.Fact...) -> Scenario { given(facts.map(Happening.root)) }

    /// Events of the aggregate and its children that have happened: `.given([.root(.founded(…)), .child(Employee.self, fry, .promoted(…))])`.
    public func given(_ happenings: [Happening<Root>]) -> Scenario {
        adding { stage in try await stage.append(happenings) }
    }

    /// What has happened by a decision of the aggregate's own. One that refuses fails the scenario.
    public func given(_ change: @escaping @Sendable (inout Root) throws -> Void) -> Scenario {
        adding { stage in try await stage.change(change) }
    }

    /// What has happened by a command. One that is refused fails the scenario.
    public func given<Request: Command>(_ command: Request) -> Scenario where Request.Target == Root {
        given { root in try command.execute(on: &root) }
    }

    /// What is asked of the aggregate: a decision as in `Repository.update`, or in `create` where nothing is given.
    public func when<Result>(
        _ change: @escaping @Sendable (inout Root) throws -> Result
    ) -> Question<Root, Result> {
        Question(scenario: self, change: change)
    }

    /// The command that the aggregate is given.
    public func when<Request: Command>(_ command: Request) -> Question<Root, Void>
    where Request.Target == Root {
        when { root in try command.execute(on: &root) }
    }

    private func adding(
        _ step: @escaping @Sendable (ScenarioStage<Root>) async throws -> Void
    ) -> Scenario {
        var scenario = self
        scenario.history.append(step)
        return scenario
    }

    /// Lets the history happen.
    func stage() async throws -> ScenarioStage<Root> {
        let stage = ScenarioStage<Root>(id, coder)
        for step in history { try await step(stage) }
        return stage
    }
}
