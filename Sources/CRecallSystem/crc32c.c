// CRC-32C by the processor's instruction or by tables. Which one is decided once, at the first call,
// and kept in an atomic function pointer; both give the same result for the same bytes.
//
// The instruction takes 3 cycles to finish and can start each cycle, so three streams over three
// neighbouring blocks run beside each other and are put together after: CRC(ab) is CRC(a) shifted by
// the length of b, xor CRC(b), and a shift by a fixed length is four look-ups.
#include "include/recall_system.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define HARDWARE_TARGET __attribute__((target("sse4.2")))
#define HARDWARE_CRC_U8(crc, value) _mm_crc32_u8((crc), (value))
#define HARDWARE_CRC_U64(crc, value) ((uint32_t)_mm_crc32_u64((crc), (value)))
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <arm_acle.h>
#if defined(__linux__)
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#endif
#if defined(__ARM_FEATURE_CRC32)
#define HARDWARE_TARGET
#else
#define HARDWARE_TARGET __attribute__((target("+crc")))
#endif
#define HARDWARE_CRC_U8(crc, value) __crc32cb((crc), (value))
#define HARDWARE_CRC_U64(crc, value) __crc32cd((crc), (value))
#endif

#define POLYNOMIAL 0x82f63b78u

// Lengths of one stream where three run beside each other: long enough that the shift does not count,
// and a short one for what is left and for frames of a kilobyte.
#define LONG_BLOCK 4096u
#define SHORT_BLOCK 256u

typedef uint32_t (*crc_function)(uint32_t crc, const uint8_t *bytes, size_t count);

static pthread_once_t tables_once = PTHREAD_ONCE_INIT;
static uint32_t slices[8][256];
static uint32_t long_shift[4][256];
static uint32_t short_shift[4][256];

// What the CRC register becomes when `count` zero bytes follow.
static uint32_t shifted_by_zeros(uint32_t crc, size_t count) {
    for (size_t index = 0; index < count; index++) {
        crc = (crc >> 8) ^ slices[0][crc & 0xff];
    }
    return crc;
}

// The shift is linear, so the shifts of the 32 single bits give those of every byte at every place.
static void make_shift(uint32_t table[4][256], size_t count) {
    uint32_t bits[32];
    for (int bit = 0; bit < 32; bit++) {
        bits[bit] = shifted_by_zeros((uint32_t)1 << bit, count);
    }
    for (int place = 0; place < 4; place++) {
        for (uint32_t value = 0; value < 256; value++) {
            uint32_t shifted = 0;
            for (int bit = 0; bit < 8; bit++) {
                if (value >> bit & 1) shifted ^= bits[8 * place + bit];
            }
            table[place][value] = shifted;
        }
    }
}

static void make_tables(void) {
    for (uint32_t value = 0; value < 256; value++) {
        uint32_t crc = value;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
        }
        slices[0][value] = crc;
    }
    for (uint32_t value = 0; value < 256; value++) {
        uint32_t crc = slices[0][value];
        for (int slice = 1; slice < 8; slice++) {
            crc = (crc >> 8) ^ slices[0][crc & 0xff];
            slices[slice][value] = crc;
        }
    }
    make_shift(long_shift, LONG_BLOCK);
    make_shift(short_shift, SHORT_BLOCK);
}

static uint32_t crc_by_table(uint32_t crc, const uint8_t *bytes, size_t count) {
    crc = ~crc;
    while (count >= 8) {
        const uint32_t low = crc ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                                    (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
        crc = slices[7][low & 0xff] ^ slices[6][low >> 8 & 0xff] ^ slices[5][low >> 16 & 0xff] ^
              slices[4][low >> 24] ^ slices[3][bytes[4]] ^ slices[2][bytes[5]] ^
              slices[1][bytes[6]] ^ slices[0][bytes[7]];
        bytes += 8;
        count -= 8;
    }
    while (count > 0) {
        crc = (crc >> 8) ^ slices[0][(crc ^ *bytes) & 0xff];
        bytes += 1;
        count -= 1;
    }
    return ~crc;
}

#if defined(HARDWARE_TARGET)

static inline uint32_t shifted(uint32_t table[4][256], uint32_t crc) {
    return table[0][crc & 0xff] ^ table[1][crc >> 8 & 0xff] ^ table[2][crc >> 16 & 0xff] ^
           table[3][crc >> 24];
}

static inline uint64_t load_u64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

// The CRC register after three blocks of `block` bytes each, which is a multiple of 8.
HARDWARE_TARGET static inline uint32_t crc_of_three_blocks(
    uint32_t crc, const uint8_t *bytes, size_t block, uint32_t shift[4][256]
) {
    uint32_t second = 0, third = 0;
    for (size_t offset = 0; offset < block; offset += 8) {
        crc = HARDWARE_CRC_U64(crc, load_u64(bytes + offset));
        second = HARDWARE_CRC_U64(second, load_u64(bytes + block + offset));
        third = HARDWARE_CRC_U64(third, load_u64(bytes + 2 * block + offset));
    }
    crc = shifted(shift, crc) ^ second;
    return shifted(shift, crc) ^ third;
}

HARDWARE_TARGET static uint32_t crc_by_hardware(uint32_t crc, const uint8_t *bytes, size_t count) {
    crc = ~crc;
    while (count >= 3 * LONG_BLOCK) {
        crc = crc_of_three_blocks(crc, bytes, LONG_BLOCK, long_shift);
        bytes += 3 * LONG_BLOCK;
        count -= 3 * LONG_BLOCK;
    }
    while (count >= 3 * SHORT_BLOCK) {
        crc = crc_of_three_blocks(crc, bytes, SHORT_BLOCK, short_shift);
        bytes += 3 * SHORT_BLOCK;
        count -= 3 * SHORT_BLOCK;
    }
    while (count >= 8) {
        crc = HARDWARE_CRC_U64(crc, load_u64(bytes));
        bytes += 8;
        count -= 8;
    }
    while (count > 0) {
        crc = HARDWARE_CRC_U8(crc, *bytes);
        bytes += 1;
        count -= 1;
    }
    return ~crc;
}

#endif

bool recall_crc32c_has_hardware(void) {
#if !defined(HARDWARE_TARGET)
    return false;
#elif defined(__x86_64__)
    return __builtin_cpu_supports("sse4.2") != 0;
#elif defined(__APPLE__) || defined(__ARM_FEATURE_CRC32)
    return true;
#elif defined(__linux__)
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#else
    return false;
#endif
}

static crc_function fastest(void) {
    pthread_once(&tables_once, make_tables);
#if defined(HARDWARE_TARGET)
    if (recall_crc32c_has_hardware()) return crc_by_hardware;
#endif
    return crc_by_table;
}

static uint32_t choose_and_compute(uint32_t crc, const uint8_t *bytes, size_t count);

static _Atomic(crc_function) chosen = choose_and_compute;

// Stands in `chosen` until the first call. Threads that come here together store the same pointer.
static uint32_t choose_and_compute(uint32_t crc, const uint8_t *bytes, size_t count) {
    const crc_function function = fastest();
    __c11_atomic_store(&chosen, function, __ATOMIC_RELEASE);
    return function(crc, bytes, count);
}

uint32_t recall_crc32c(uint32_t crc, const void *bytes, size_t count) {
    return __c11_atomic_load(&chosen, __ATOMIC_ACQUIRE)(crc, bytes, count);
}

uint32_t recall_crc32c_table(uint32_t crc, const void *bytes, size_t count) {
    pthread_once(&tables_once, make_tables);
    return crc_by_table(crc, bytes, count);
}

uint32_t recall_crc32c_hardware(uint32_t crc, const void *bytes, size_t count) {
    return fastest()(crc, bytes, count);
}
