# Sourced by the scripts that build.

# `swift build`, with the same plan each time. SwiftPM writes the traits that are on into every command in the order of a hash, which is
# seeded anew for each process: every second build began from nothing. Only the build gets a fixed seed; what is built and tested
# has one of its own each time, as with users.
swift_build() { SWIFT_DETERMINISTIC_HASHING=1 swift build "$@"; }
