// What RecallLog needs from C: checksums by the hardware, atomics on mapped memory, and Linux calls
// that Swift's Glibc module does not show.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The three ways to compute CRC-32C. `recall_crc32c` picks the fastest that this machine has.
uint32_t recall_crc32c(uint32_t crc, const void *bytes, size_t count);
