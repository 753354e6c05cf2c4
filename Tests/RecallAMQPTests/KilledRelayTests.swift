// The relay's whole promise, with real processes: a relay is killed at random moments while it delivers a log that grows, and the
// broker is killed and started again in between. Every stored event arrives, in the order of its graph, and what comes twice
// is the same.

import Foundation
import Recall
import RecallLog
import RecallServerTestSupport
import RecallTestKit
import Testing

@Suite(.serialized, .needsRabbitMQ) struct KilledRelayTests {
    private static let victim: String = {
        var places = [URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()]
        places += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let found = places.map { $0.appendingPathComponent("RecallRelayVictim").path }
        return found.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "RecallRelayVictim"
    }()

    @Test func everyStoredEventArrivesHoweverOftenTheRelayAndTheBrokerAreKilled() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        let directory = try ScratchDirectory("killed-relay")
        let broker = try RabbitMQBroker()
        try await broker.start()
        var queue = try TestQueue("all", at: broker.port, exchange: "killed")
        let log = try await Log.open(at: directory.file("log"))
        var received: [ReceivedMessage] = []
        var storedCount: UInt64 = 0
        var killedWhileDelivering = 0

        func start(_ mode: String) throws -> ServerProcess {
            try ServerProcess(
                Self.victim, [directory.file("log"), directory.file("relay"), "\(broker.port)", mode],
                outputPath: directory.file("output"), directory: directory.path)
        }
        func append(_ count: Int) async throws {
            for _ in 0 ..< count {
                storedCount += 1
                let root = UInt64.random(in: 1 ... 9, using: &random)
                _ = try await log.append(
                    Commit(events: [
                        NewEvent(
                            id: EventID(number: storedCount), aggregateID: AggregateID(number: root),
                            aggregateType: "Tale", type: "Told", payload: Data("\(storedCount)".utf8))
                    ]))
            }
        }

        let roundCount = TestEffort.isWhole ? 20 : 4
        for round in 1 ... roundCount {
            try await append(Int.random(in: 20 ... 120, using: &random))
            let relay = try start("run")
            // Killed when so many more messages have come, or while it starts.
            let target = received.count + Int.random(in: 0 ... 60, using: &random)
            let end = ContinuousClock.now + .seconds(20)
            try await Eventually.holds("messages of round \(round)", within: .seconds(60)) {
                if Bool.random(using: &random) { try await append(1) }
                received += try queue.take()
                return received.count >= target || ContinuousClock.now > end
            }
            #expect(relay.isRunning, "seed \(seed), round \(round): \(directory.read("output"))")
            try await relay.kill()
            received += try queue.take()
            if Set(received.map(\.id)).count < storedCount { killedWhileDelivering += 1 }
            if round.isMultiple(of: 4) {
                // Delivered to while it dies, too.
                let beside = round.isMultiple(of: 8) ? try start("run") : nil
                try await broker.restart()
                queue = try TestQueue("all", at: broker.port, exchange: "killed")
                try await beside?.kill()
            }
        }
        let last = try start("drain")
        try await last.waitForEnd(within: .seconds(120))
        received += try queue.take()
        try await log.close()
        try await broker.kill()

        #expect(directory.read("output").contains("parked: 0"), "seed \(seed): \(directory.read("output"))")
        let ids = received.map(\.id)
        let expected = Set((1 ... storedCount).map { EventID(number: $0).description })
        #expect(
            Set(ids) == expected,
            "seed \(seed): \(expected.subtracting(ids).count) of \(storedCount) are missing")
        // What comes again is the same, and first comes in the order of its graph.
        var bodies: [String: Data] = [:]
        var first: [ReceivedMessage] = []
        for message in received {
            if let known = bodies.updateValue(message.body, forKey: message.id) {
                #expect(known == message.body)
            } else {
                first.append(message)
            }
            #expect(message.headers["cloudEvents:id"] == message.id)
        }
        for (root, messages) in Dictionary(grouping: first, by: { $0.headers["cloudEvents:rootid"] }) {
            let positions = messages.compactMap { $0.headers["cloudEvents:position"].flatMap(UInt64.init) }
            #expect(positions == positions.sorted(), "seed \(seed), root \(root ?? "")")
        }
        #expect(
            killedWhileDelivering > 5 || !TestEffort.isWhole,
            "seed \(seed): the relay was killed when it had nothing to do")
        print(
            "killed relay: seed \(seed), \(storedCount) events, \(received.count) messages, \(killedWhileDelivering) of \(roundCount) kills while events were due"
        )
    }
}
