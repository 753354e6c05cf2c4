// A program that relays a log to a broker until it is killed: what KilledRelayTests kill.
//
// Arguments: the log, the relay's state, the broker's port, and `run` or `drain`.

import Foundation
import Logging
import Recall
import RecallAMQP
import RecallLog

let arguments = CommandLine.arguments
guard arguments.count == 5, let port = UInt16(arguments[3]) else {
    print("usage: RecallRelayVictim LOG STATE PORT run|drain")
    exit(64)
}
let log = try await Log.open(at: arguments[1], access: .readOnly)
var broker = AMQPConfiguration(
    host: "127.0.0.1", port: port,
    credentials: AMQPCredentials(user: "writer", password: "secret-of-tests"))
broker.exchange = AMQPExchange(name: "killed")
broker.isMandatory = true
broker.backOff = BackOff(first: .milliseconds(20), max: .milliseconds(500))
var configuration = RelayConfiguration()
configuration.batchEventCountMax = 20
configuration.backOff = BackOff(first: .milliseconds(20), max: .milliseconds(500))
let relay = try Relay(
    reading: log.events, feeding: try AMQPEventRouter(broker),
    keepingStateIn: try await FileRelayStateStore.open(at: arguments[2]), configuration: configuration)
if arguments[4] == "run" { try await relay.run() } else { try await relay.drain() }
let parked = try await relay.parked()
print("parked: \(parked.count)")
