// An encoder for LZ4 blocks that refer to a dictionary. liblz4 decodes them.
//
// Why our own: liblz4 prepares a dictionary by copying its whole state, 16 KiB, for every block, which costs more
// than compressing an event does, and its better levels copy 256 KiB. Here the prepared dictionary is never
// written to, so that any number of threads use it at once, and it is searched for longer matches than
// liblz4's fast level finds: blocks of an event come out smaller, and faster.
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
    // Where nothing matches, a fast encoder looks at fewer places the longer that lasts.
    FAST_SKIP_SHIFT = 3,
};

struct recall_lz4_dictionary {
    const uint8_t *bytes;
    uint32_t count;
    // Where eight bytes with a hash stand last: more of the hash in the high half, the position plus one in the
    // low one; 0 for none. So most places that do not match are told without looking into the dictionary.
    uint32_t long_heads[1 << LONG_BITS];
    // The last position, plus one, at which four bytes with a hash stand; 0 for none.
    uint16_t short_heads[1 << SHORT_BITS];
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

static inline uint64_t long_hash(const uint8_t *from) { return load64(from) * 0x9E3779B185EBCA87ull; }

static inline uint32_t long_slot(uint64_t hash) { return (uint32_t)(hash >> (64 - LONG_BITS)); }

static inline uint32_t long_tag(uint64_t hash) { return (uint32_t)(hash >> 16) << 16; }

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
        uint64_t longer = long_hash(made->bytes + at);
        made->long_heads[long_slot(longer)] = long_tag(longer) | (at + 1);
    }
    return made;
}

void recall_lz4_dictionary_free(struct recall_lz4_dictionary *dictionary) { free(dictionary); }

// MARK: Writing

/// A block that is being written.
struct output {
    uint8_t *to;
    uint8_t *end;
};

static inline uint8_t *write_rest(uint8_t *to, uint32_t rest) {
    while (rest >= 255) {
        *to++ = 255;
        rest -= 255;
    }
    *to++ = (uint8_t)rest;
    return to;
}

/// Writes literals and, where `match_count` is not 0, a match.
/// Returns whether there was room.
static inline bool write_sequence(
    struct output *output, const uint8_t *literals, uint32_t literal_count, uint32_t match_count, uint32_t distance
) {
    size_t most = 1 + literal_count / 255 + 1 + literal_count + 2 + match_count / 255 + 1;
    if ((size_t)(output->end - output->to) < most) return false;
    uint32_t code = match_count ? match_count - MATCH_MIN : 0;
    uint8_t *to = output->to;
    *to++ = (uint8_t)((literal_count < 15 ? literal_count : 15) << 4 | (code < 15 ? code : 15));
    if (literal_count >= 15) to = write_rest(to, literal_count - 15);
    memcpy(to, literals, literal_count);
    to += literal_count;
    if (match_count) {
        *to++ = (uint8_t)distance;
        *to++ = (uint8_t)(distance >> 8);
        if (code >= 15) to = write_rest(to, code - 15);
    }
    output->to = to;
    return true;
}

// MARK: Fast

/// Takes the first match of eight bytes or more, in the dictionary alone.
static size_t compress_fast(
    const struct recall_lz4_dictionary *dictionary, const uint8_t *source, uint32_t count, struct output output
) {
    uint8_t *start = output.to;
    uint32_t anchor = 0;
    if (count > MATCH_LIMIT) {
        uint32_t last = count - MATCH_LIMIT;
        uint32_t match_end = count - LAST_LITERALS;
        uint32_t at = 0;
        uint32_t miss_count = 0;
        while (at <= last) {
            uint64_t hash = long_hash(source + at);
            uint32_t head = dictionary->long_heads[long_slot(hash)];
            // A free slot has the tag 0, and no position.
            uint32_t from = (head & 0xFFFF) - 1;
            uint32_t match_count = 0;
            if ((head & 0xFFFF0000) == long_tag(hash) && head & 0xFFFF) {
                uint32_t room = dictionary->count - from;
                uint32_t max = match_end - at;
                match_count = common_count(source + at, dictionary->bytes + from, room < max ? room : max);
            }
            if (match_count < MATCH_MIN) {
                at += 1 + (miss_count++ >> FAST_SKIP_SHIFT);
                continue;
            }
            miss_count = 0;
            // What stands before both places may be the same, too.
            while (at > anchor && from > 0 && dictionary->bytes[from - 1] == source[at - 1]) {
                at--;
                from--;
                match_count++;
            }
            uint32_t distance = at + dictionary->count - from;
            if (!write_sequence(&output, source + anchor, at - anchor, match_count, distance)) return 0;
            at += match_count;
            anchor = at;
        }
    }
    if (!write_sequence(&output, source + anchor, count - anchor, 0, 0)) return 0;
    return (size_t)(output.to - start);
}

// MARK: Dense

struct match {
    uint32_t count;
    uint32_t distance;
};

struct searcher {
    const struct recall_lz4_dictionary *dictionary;
    const uint8_t *source;
    // No match reaches this far.
    uint32_t match_end;
    // How many places in the dictionary are compared.
    int depth;
    // The last position, plus one, in the source with a hash.
    uint16_t local[1 << LOCAL_BITS];
};

/// The longest match that is found at `at`, in the source and the dictionary.
static struct match find(struct searcher *searcher, uint32_t at) {
    const struct recall_lz4_dictionary *dictionary = searcher->dictionary;
    const uint8_t *here = searcher->source + at;
    uint32_t max = searcher->match_end - at;
    struct match best = {MATCH_MIN - 1, 0};
    uint32_t word = load32(here);

    uint16_t *slot = &searcher->local[short_hash(here, LOCAL_BITS)];
    uint32_t local = *slot;
    *slot = (uint16_t)(at + 1);
    if (local && load32(searcher->source + local - 1) == word) {
        best.count = common_count(here, searcher->source + local - 1, max);
        best.distance = at - (local - 1);
    }
    uint64_t hash = long_hash(here);
    uint32_t head = dictionary->long_heads[long_slot(hash)];
    if ((head & 0xFFFF0000) == long_tag(hash) && head & 0xFFFF) {
        uint32_t room = dictionary->count - ((head & 0xFFFF) - 1);
        uint32_t count = common_count(here, dictionary->bytes + dictionary->count - room, room < max ? room : max);
        if (count > best.count) best = (struct match){count, at + room};
    }
    uint32_t candidate = dictionary->short_heads[short_hash(here, SHORT_BITS)];
    for (int rest = searcher->depth; candidate && rest > 0 && best.count < GOOD_MATCH; rest--) {
        uint32_t from = candidate - 1;
        candidate = dictionary->previous[candidate];
        uint32_t room = dictionary->count - from;
        if (room <= best.count || best.count >= max) continue;
        // Only a longer match is of use, so its last byte is looked at first.
        if (dictionary->bytes[from + best.count] != here[best.count]) continue;
        if (load32(dictionary->bytes + from) != word) continue;
        uint32_t count = common_count(here, dictionary->bytes + from, room < max ? room : max);
        if (count > best.count) best = (struct match){count, at + room};
    }
    if (best.count < MATCH_MIN || best.distance > DISTANCE_MAX) best.count = 0;
    return best;
}

/// Where the byte stands that a match at `at` has `distance` bytes before.
static inline const uint8_t *referred(const struct searcher *searcher, uint32_t at, uint32_t distance) {
    if (distance <= at) return searcher->source + at - distance;
    uint32_t back = distance - at;
    const struct recall_lz4_dictionary *dictionary = searcher->dictionary;
    return back <= dictionary->count ? dictionary->bytes + dictionary->count - back : NULL;
}

/// Looks for the longest match, and whether there is a longer one a byte later.
static size_t compress_dense(
    const struct recall_lz4_dictionary *dictionary, const uint8_t *source, uint32_t count, struct output output, int depth
) {
    uint8_t *start = output.to;
    uint32_t anchor = 0;
    if (count > MATCH_LIMIT) {
        struct searcher searcher = {
            .dictionary = dictionary, .source = source, .match_end = count - LAST_LITERALS, .depth = depth};
        uint32_t last = count - MATCH_LIMIT;
        uint32_t at = 0;
        while (at <= last) {
            struct match match = find(&searcher, at);
            if (!match.count) {
                at++;
                continue;
            }
            while (match.count < GOOD_MATCH && at + 1 <= last) {
                struct match later = find(&searcher, at + 1);
                if (later.count <= match.count + 1) break;
                match = later;
                at++;
            }
            while (at > anchor) {
                const uint8_t *before = referred(&searcher, at - 1, match.distance);
                if (!before || *before != source[at - 1]) break;
                at--;
                match.count++;
            }
            if (!write_sequence(&output, source + anchor, at - anchor, match.count, match.distance)) return 0;
            at += match.count;
            anchor = at;
        }
    }
    if (!write_sequence(&output, source + anchor, count - anchor, 0, 0)) return 0;
    return (size_t)(output.to - start);
}

size_t recall_lz4_compress(
    const struct recall_lz4_dictionary *dictionary, const void *source, size_t count, void *destination,
    size_t capacity, int depth
) {
    if (count > RECALL_LZ4_SOURCE_MAX) return 0;
    struct output output = {.to = destination, .end = (uint8_t *)destination + capacity};
    return depth <= 0 ? compress_fast(dictionary, source, (uint32_t)count, output)
                      : compress_dense(dictionary, source, (uint32_t)count, output, depth);
}
