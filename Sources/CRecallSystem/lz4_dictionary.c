// An encoder for LZ4 blocks that refer to a dictionary. liblz4 decodes them.
//
// Why our own: liblz4 prepares a dictionary by copying its whole state, 16 KiB, for every block, which costs more
// than compressing an event does, and its better levels copy 256 KiB. Here the prepared dictionary is never
// written to, so that any number of threads use it at once, and each block touches a table of 1 KiB of its own.
// The block format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
//
// Invariants: nothing is read outside source and dictionary, nothing is written outside destination, and what
// is written decodes to the source. Positions are 16 bits, so source and dictionary together stay below 64 KiB.
#include "include/recall_system.h"

#include <stdlib.h>
#include <string.h>

enum {
    // A block ends with five literals, and no match begins in its last twelve bytes.
    LAST_LITERALS = 5,
    MATCH_LIMIT = 12,
    MATCH_MIN = 4,
    SHORT_BITS = 13,
    LONG_BITS = 14,
    LOCAL_BITS = 9,
    DISTANCE_MAX = 65535,
    // A match this long ends the search for a longer one.
    GOOD_MATCH = 48,
    FAST_SKIP_SHIFT = 3,
};

struct recall_lz4_dictionary {
    const uint8_t *bytes;
    uint32_t count;
    // The last position, plus one, at which four or eight bytes with a hash stand; 0 for none.
    uint16_t short_heads[1 << SHORT_BITS];
    uint16_t long_heads[1 << LONG_BITS];
    // For each position, plus one, the one before it with the same short hash.
    uint16_t previous[];
};

static inline uint32_t load32(const uint8_t *from) {
    uint32_t value;
    memcpy(&value, from, 4);
    return value;
}

static inline uint64_t load64(const uint8_t *from) {
    uint64_t value;
    memcpy(&value, from, 8);
    return value;
}

static inline uint32_t short_hash(const uint8_t *from, int bits) { return (load32(from) * 2654435761u) >> (32 - bits); }

static inline uint32_t long_hash(const uint8_t *from) {
    return (uint32_t)((load64(from) * 0x9E3779B185EBCA87ull) >> (64 - LONG_BITS));
}

/// How many bytes are the same at both places, `max` at most.
static inline uint32_t common_count(const uint8_t *left, const uint8_t *right, uint32_t max) {
    uint32_t count = 0;
    while (count + 8 <= max) {
        uint64_t difference = load64(left + count) ^ load64(right + count);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (difference) return count + (uint32_t)(__builtin_ctzll(difference) >> 3);
#else
        if (difference) return count + (uint32_t)(__builtin_clzll(difference) >> 3);
#endif
        count += 8;
    }
    while (count < max && left[count] == right[count]) count++;
    return count;
}

struct recall_lz4_dictionary *recall_lz4_dictionary_make(const void *bytes, size_t count) {
    if (count > RECALL_LZ4_DICTIONARY_MAX) return NULL;
    struct recall_lz4_dictionary *made = calloc(1, sizeof *made + (count + 1) * sizeof(uint16_t));
    if (!made) return NULL;
    made->bytes = bytes;
    made->count = (uint32_t)count;
    for (uint32_t at = 0; at + 8 <= count; at++) {
        uint32_t hash = short_hash(made->bytes + at, SHORT_BITS);
        made->previous[at + 1] = made->short_heads[hash];
        made->short_heads[hash] = (uint16_t)(at + 1);
        made->long_heads[long_hash(made->bytes + at)] = (uint16_t)(at + 1);
    }
    return made;
}

void recall_lz4_dictionary_free(struct recall_lz4_dictionary *dictionary) { free(dictionary); }

struct match {
    uint32_t count;
    uint32_t distance;
};

struct encoder {
    const struct recall_lz4_dictionary *dictionary;
    const uint8_t *source;
    // No match reaches this far.
    uint32_t match_end;
    // The last position, plus one, in the source with a hash.
    uint16_t local[1 << LOCAL_BITS];
};

/// The longest match that is found at `at`, within `depth` candidates of the dictionary. Without a depth, the first
/// of eight bytes or more is taken.
static inline struct match find(struct encoder *encoder, uint32_t at, int depth) {
    const struct recall_lz4_dictionary *dictionary = encoder->dictionary;
    const uint8_t *here = encoder->source + at;
    uint32_t max = encoder->match_end - at;
    struct match best = {MATCH_MIN - 1, 0};
    uint32_t word = load32(here);

    uint32_t candidate = dictionary->long_heads[long_hash(here)];
    if (candidate && load32(dictionary->bytes + candidate - 1) == word) {
        uint32_t from = candidate - 1;
        uint32_t room = dictionary->count - from;
        uint32_t count = common_count(here, dictionary->bytes + from, room < max ? room : max);
        if (count > best.count) best = (struct match){count, at + room};
        if (depth == 0 && best.count >= 8) return best;
    }
    uint16_t *slot = &encoder->local[short_hash(here, LOCAL_BITS)];
    uint32_t local = *slot;
    *slot = (uint16_t)(at + 1);
    if (local && load32(encoder->source + local - 1) == word) {
        uint32_t count = common_count(here, encoder->source + local - 1, max);
        if (count > best.count) best = (struct match){count, at - (local - 1)};
    }
    candidate = dictionary->short_heads[short_hash(here, SHORT_BITS)];
    int rest = depth > 0 ? depth : 1;
    while (candidate && rest-- > 0 && best.count < GOOD_MATCH) {
        uint32_t from = candidate - 1;
        candidate = dictionary->previous[candidate];
        // Only a longer match is of use, so its last byte is looked at first.
        uint32_t room = dictionary->count - from;
        if (room <= best.count || best.count >= max) continue;
        if (load32(dictionary->bytes + from) != word) continue;
        if (dictionary->bytes[from + best.count] != here[best.count]) continue;
        uint32_t count = common_count(here, dictionary->bytes + from, room < max ? room : max);
        if (count > best.count) best = (struct match){count, at + room};
    }
    if (best.count < MATCH_MIN || best.distance > DISTANCE_MAX) best.count = 0;
    return best;
}

/// Writes what is left of a length behind the four bits in a token.
static inline uint8_t *write_rest(uint8_t *to, uint32_t rest) {
    while (rest >= 255) {
        *to++ = 255;
        rest -= 255;
    }
    *to++ = (uint8_t)rest;
    return to;
}

/// Bytes that a sequence takes at most.
static inline size_t sequence_max(uint32_t literal_count, uint32_t match_count) {
    return 1 + literal_count / 255 + 1 + literal_count + 2 + match_count / 255 + 1;
}

static inline uint8_t *write_literals(uint8_t *to, const uint8_t *from, uint32_t count, uint32_t match_code) {
    uint8_t *token = to++;
    *token = (uint8_t)((count < 15 ? count : 15) << 4 | (match_code < 15 ? match_code : 15));
    if (count >= 15) to = write_rest(to, count - 15);
    memcpy(to, from, count);
    return to + count;
}

static inline __attribute__((always_inline)) size_t compress(
    const struct recall_lz4_dictionary *dictionary, const void *source, size_t count, void *destination,
    size_t capacity, int depth
) {
    const uint8_t *bytes = source;
    uint8_t *to = destination;
    uint8_t *end = to + capacity;
    uint32_t anchor = 0;
    if (count > MATCH_LIMIT) {
        struct encoder encoder = {.dictionary = dictionary, .source = bytes, .match_end = (uint32_t)count - LAST_LITERALS};
        uint32_t last = (uint32_t)count - MATCH_LIMIT;
        uint32_t at = 0;
        uint32_t miss_count = 0;
        while (at <= last) {
            struct match match = find(&encoder, at, depth);
            if (!match.count) {
                // Where nothing matches for long, a fast encoder looks at fewer places.
                at += depth == 0 ? 1 + (miss_count++ >> FAST_SKIP_SHIFT) : 1;
                continue;
            }
            miss_count = 0;
            // A longer match one byte later is worth a literal.
            while (depth > 1 && match.count < GOOD_MATCH && at + 1 <= last) {
                struct match later = find(&encoder, at + 1, depth);
                if (later.count <= match.count + 1) break;
                match = later;
                at++;
            }
            // What stands before both places may be the same, too.
            while (at > anchor) {
                uint32_t before = at - 1;
                const uint8_t *reference;
                if (match.distance <= before) {
                    reference = bytes + before - match.distance;
                } else {
                    uint32_t back = match.distance - before;
                    if (back > dictionary->count) break;
                    reference = dictionary->bytes + dictionary->count - back;
                }
                if (*reference != bytes[before]) break;
                at = before;
                match.count++;
            }
            uint32_t literal_count = at - anchor;
            if ((size_t)(end - to) < sequence_max(literal_count, match.count)) return 0;
            uint32_t code = match.count - MATCH_MIN;
            to = write_literals(to, bytes + anchor, literal_count, code);
            *to++ = (uint8_t)match.distance;
            *to++ = (uint8_t)(match.distance >> 8);
            if (code >= 15) to = write_rest(to, code - 15);
            at += match.count;
            anchor = at;
        }
    }
    uint32_t literal_count = (uint32_t)count - anchor;
    if ((size_t)(end - to) < sequence_max(literal_count, 0)) return 0;
    to = write_literals(to, bytes + anchor, literal_count, 0);
    return (size_t)(to - (uint8_t *)destination);
}

size_t recall_lz4_compress(
    const struct recall_lz4_dictionary *dictionary, const void *source, size_t count, void *destination,
    size_t capacity, int depth
) {
    if (count > RECALL_LZ4_SOURCE_MAX) return 0;
    // A constant depth makes a loop of its own of the fast case.
    return depth <= 0 ? compress(dictionary, source, count, destination, capacity, 0)
                      : compress(dictionary, source, count, destination, capacity, depth);
}
