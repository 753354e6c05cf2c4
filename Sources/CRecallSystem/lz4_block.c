// A decoder for the small LZ4 blocks that refer to a dictionary: one event, at any place of the log.
//
// Why our own: liblz4 leaves its fast loop where a dictionary does not stand directly before the output, and then calls
// the C library for each piece of it. For an event of 225 bytes that is most of the time. Here the caller owns the room
// behind the output, so that nearly every piece is one or two copies of a fixed size.
// The block format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
//
// Invariants, whatever the block holds: nothing is read outside block, dictionary and what was written; nothing is
// written outside destination and the RECALL_LZ4_ROOM bytes behind it.
#include "include/recall_system.h"

#include <string.h>

enum { MATCH_MIN = 4, PIECE = 16, LENGTH_MORE = 15 };

// The copies below write past `to + count`, by less than PIECE.

static inline void copy_piece(uint8_t *to, const uint8_t *from) {
    uint8_t piece[PIECE];
    memcpy(piece, from, PIECE);
    memcpy(to, piece, PIECE);
}

static inline void copy_pieces(uint8_t *to, const uint8_t *from, size_t count) {
    copy_piece(to, from);
    for (size_t done = PIECE; done < count; done += PIECE) copy_piece(to + done, from + done);
}

// Copies what was written `offset` bytes before; the two may overlap, and then repeat. With a dictionary that is rare, so
// it must not take registers from what is frequent.
__attribute__((noinline)) static void copy_written(uint8_t *to, size_t offset, size_t count) {
    const uint8_t *from = to - offset;
    if (offset >= PIECE) {
        copy_pieces(to, from, count);
    } else {
        for (size_t done = 0; done < count; done++) to[done] = from[done];
    }
}

// Copies less than PIECE bytes where none may be read behind them.
__attribute__((noinline)) static void copy_few(uint8_t *to, const uint8_t *from, size_t count) {
    if (count >= 8) {
        memcpy(to, from, 8);
        memcpy(to + count - 8, from + count - 8, 8);
    } else if (count >= 4) {
        memcpy(to, from, 4);
        memcpy(to + count - 4, from + count - 4, 4);
    } else {
        for (size_t done = 0; done < count; done++) to[done] = from[done];
    }
}

// Copies a match that begins `back` bytes before the dictionary's end and reads on into what was written.
__attribute__((noinline)) static void copy_across(
    uint8_t *to, const uint8_t *dictionary_end, size_t back, size_t offset, size_t count) {
    const size_t first = count < back ? count : back;
    memcpy(to, dictionary_end - back, first);
    if (count > first) copy_written(to + first, offset, count - first);
}

// Adds the bytes that go on with a length; false where the block ends in them, or the sum is more than `limit`.
static inline bool extend(const uint8_t **at, const uint8_t *end, size_t limit, size_t *length) {
    uint8_t next;
    do {
        if (*at == end) return false;
        next = *(*at)++;
        *length += next;
        if (*length > limit) return false;
    } while (next == 255);
    return true;
}

bool recall_lz4_decompress(
    const void *source, size_t count, const void *dictionary, size_t dictionary_count, void *destination, size_t size) {
    const uint8_t *at = source, *const end = at + count;
    const uint8_t *const dictionary_end = (const uint8_t *)dictionary + dictionary_count;
    uint8_t *const start = destination, *to = start, *const full = start + size;
    while (at < end) {
        // Holds here, whatever the block is: start <= to <= full.
        const size_t token = *at++;
        size_t literals = token >> 4, match = token & 15;
        const size_t left = (size_t)(end - at);
        if (literals == LENGTH_MORE) {
            if (!extend(&at, end, size, &literals)) return false;
            if (literals > (size_t)(end - at) || literals > (size_t)(full - to)) return false;
            memcpy(to, at, literals);
        } else if (left >= PIECE) {
            // At most 14 bytes, for which there is room behind the destination: checked with the match.
            copy_piece(to, at);
        } else {
            if (literals > left) return false;
            copy_few(to, at, literals);
        }
        to += literals;
        at += literals;
        // Only the last sequence has no match.
        if (at == end) return to == full;
        if (end - at < 2) return false;
        const size_t offset = (size_t)at[0] | (size_t)at[1] << 8;
        at += 2;
        if (match == LENGTH_MORE && !extend(&at, end, size, &match)) return false;
        match += MATCH_MIN;
        if ((ptrdiff_t)match > full - to) return false;
        const size_t written = (size_t)(to - start);
        if (offset > written) {
            // From the dictionary and, where the match is longer than what is left of it, on into what was written.
            const size_t back = offset - written;
            if (back > dictionary_count) return false;
            const uint8_t *const from = dictionary_end - back;
            if (back >= match + PIECE) {
                copy_pieces(to, from, match);
            } else {
                copy_across(to, dictionary_end, back, offset, match);
            }
        } else {
            if (offset == 0) return false;
            copy_written(to, offset, match);
        }
        to += match;
    }
    return false;
}
