// What the errors of servers mean for a caller: to wait, to go elsewhere, or to give up.

internal import Recall

extension RedisServerError {
    /// Whether the server, or another one in its place, is going to be ready: starting, failing over, moving slots,
    /// busy with a script, or about to be told one that it has forgotten. Nothing was done.
    var isTemporary: Bool {
        switch code {
        case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "NOREPLICAS", "BUSY",
            "UNBLOCKED", "NOSCRIPT":
            true
        // Before version 7, what a command inside a script said stands in the middle.
        case "ERR":
            text.hasPrefix("ERR max number of clients reached") || mentions("READONLY You can't write")
                || mentions("NOREPLICAS Not enough")
                // A key that moves with its slot while the script runs.
                || mentions("access a non local key")
        default: false
        }
    }

    /// Whether the slot has another master, or is on its way there.
    var isRedirection: Bool { code == "MOVED" || code == "ASK" }

    /// Whether the user may not do what was asked.
    var isAboutRights: Bool { code == "NOPERM" || code == "NOAUTH" || isAboutRightsInScript }

    /// What is said of a command inside a script, with a code that says nothing.
    private var isAboutRightsInScript: Bool { mentions("The user executing the script can't") }

    /// What a caller of the store is told, where trying again does not help.
    func storeError(from address: String, doing what: String) -> StoreError {
        let detail = text.prefix(300)
        if mentions("WRONGTYPE") {
            return StoreError(
                .damaged,
                "A key of the store on \(address) holds something that Recall did not write, found while \(what): \(detail); give the store a name that nothing else uses, or restore the key."
            )
        }
        if mentions("OOM ") || code == "OOM" {
            return StoreError(
                .unavailable,
                "The server \(address) has no memory left (maxmemory) while \(what), and nothing was written; give it more, and append again."
            )
        }
        if mentions("MISCONF") {
            return StoreError(
                .unavailable,
                "The server \(address) cannot write to its disk while \(what), and nothing was written: \(detail); repair its disk, and append again."
            )
        }
        if code == "NOAUTH" {
            return StoreError(
                .unavailable,
                "The server \(address) asks for a password while \(what); set credentials in the configuration of the store."
            )
        }
        if code == "NOPERM" || isAboutRightsInScript {
            return StoreError(
                .unavailable,
                "The server \(address) does not allow this user what the store needs while \(what): \(detail); docs/redis.md lists the commands and keys."
            )
        }
        return StoreError(
            .unavailable, "The server \(address) refused while \(what): \(detail); look at its log.")
    }
}
