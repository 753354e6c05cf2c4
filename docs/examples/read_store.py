#!/usr/bin/env python3
"""Prints every event of a Recall store as a line of JSON, as `recall replay STORE` does.

    python3 read_store.py STORE

STORE is a directory, or a single file whose name ends in `.recall`.

This reader was made from docs/format.md and docs/format-single-file.md alone and shares no code with the program: it
shows that the pages are enough. Each function names in [brackets] the section that it implements. It needs Python 3.8
or later and the package lz4 (`apt-get install python3-lz4`, or `pip install lz4`).

It is for a store that nobody writes to: it takes no lock and looks at no watermark page. It only reads. Indexes and
snapshots are derived, so it needs none of them: all events stand in the segments.

Exit status: 0 done; 1 the store is damaged, and what stands before the damage was printed; 2 wrong usage; 4 the
store is missing, unreadable, or of a newer format.
"""
import base64
import json
import mmap
import os
import re
import signal
import struct
import sys
import uuid
from array import array
from collections import namedtuple
from datetime import datetime, timedelta

import lz4.block


class Damage(Exception):
    """Stored bytes are not what the page says; the message is for people."""


class Unsupported(Exception):
    """The store may well be whole, but it is not for this reader."""


# --- Numbers, strings and checksums -----------------------------------------------------------------------------

CRC_TABLE = list(range(256))
for _ in range(8):
    CRC_TABLE = [value >> 1 ^ (0x82F63B78 if value & 1 else 0) for value in CRC_TABLE]


def crc32c(data, crc=0, table=CRC_TABLE):
    """[Format version 1] The checksum of bytes, behind others whose checksum is `crc`.

    0x82F63B78 is the polynomial of Castagnoli, reflected.
    """
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def times(matrix, crc):
    """A matrix of bits, as a list of its columns, times a checksum."""
    product = 0
    for column in matrix:
        if crc & 1:
            product ^= column
        crc >>= 1
    return product


# What 1, 2, 4, ... bytes of zeros make of a checksum: each is the one before, twice.
ZEROS = [[CRC_TABLE[1 << bit & 0xFF] ^ 1 << bit >> 8 for bit in range(32)]]
for _ in range(29):
    ZEROS.append([times(ZEROS[-1], column) for column in ZEROS[-1]])


def behind_zeros(crc, count):
    """A checksum without initial and final value, so many bytes of zeros later."""
    for power, matrix in enumerate(ZEROS):
        if count >> power & 1:
            crc = times(matrix, crc)
    return crc


class Checksums:
    """The checksum of any part of some bytes, in a time that does not depend on its size.

    Behind damage a frame may begin at any byte and claim any size. To read all that each of them claims would take
    hours. But CRCs are linear: that of a part is made of those of what lies before its begin and before its end. Only
    zeros lie behind the last that is kept.
    """

    def __init__(self, data, start):
        self.start, crc = start, 0
        self.before = array("I", [crc])
        for byte in data[start:].rstrip(b"\0"):
            crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
            self.before.append(crc)

    def of(self, start, end, crc):
        """What crc32c(data[start:end], crc) is."""
        crc ^= 0xFFFFFFFF
        last = min(end, self.start + len(self.before) - 1)
        if start < last:
            crc = behind_zeros(crc ^ self.before[start - self.start], last - start) ^ self.before[last - self.start]
            start = last
        return behind_zeros(crc, end - start) ^ 0xFFFFFFFF


class Cursor:
    """[Format version 1] Takes values from bytes, one behind the other.

    No length is trusted: what would reach beyond the end is damage, before anything of that length is made.
    """

    def __init__(self, data, place, end):
        self.data, self.place, self.end = data, place, end

    def bytes(self, count):
        start = self.place
        if count > self.end - start:
            raise Damage("a length reaches beyond the end")
        self.place = start + count
        return self.data[start:self.place]

    def rest(self):
        return self.bytes(self.end - self.place)

    def byte(self):
        return self.bytes(1)[0]

    def varint(self):
        value = shift = 0
        while shift < 70:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80 and value < 1 << 64 and (byte > 0 or shift == 0):
                return value
            if byte < 0x80:
                break
            shift += 7
        raise Damage("a varint is too long")

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def count(self, least):
        """How many things follow, each of which takes `least` bytes or more."""
        count = self.varint()
        if count * least > self.end - self.place:
            raise Damage("a count is greater than the bytes behind it can hold")
        return count

    def string(self):
        try:
            return self.bytes(self.varint()).decode("utf-8")
        except UnicodeDecodeError:
            raise Damage("a string is not UTF-8") from None

    def uuid(self):
        return uuid.UUID(bytes=self.bytes(16))


# --- Files, in both layouts -------------------------------------------------------------------------------------

def mapped(file, start, size):
    """Bytes of an open file, not copied where the system can map them: most of a segment may be unwritten."""
    if size > 0 and start % mmap.ALLOCATIONGRANULARITY == 0:
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ, offset=start)
    file.seek(start)
    return file.read(size)


class Directory:
    """[The directory layout] The files of a store by their names."""

    def __init__(self, path):
        self.path = path

    def names(self, folder):
        """What is in a directory, None where there is none."""
        path = os.path.join(self.path, folder)
        return os.listdir(path) if os.path.isdir(path) else None

    def read(self, name):
        with open(os.path.join(self.path, name), "rb") as file:
            return mapped(file, 0, os.fstat(file.fileno()).st_size)


UNIT = 16384
GAP = 4096  # Between two copies of anything.


class SingleFile:
    """[The single-file layout] The files of a store by their names, as its table of contents places them."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.size = os.fstat(self.file.fileno()).st_size
        superblock = self.superblock()
        # The path of each file, and where it is: offset and size. That of a directory has no place.
        self.places = self.table(*superblock) if superblock else {}

    def superblock(self):
        """[Superblock] Generation, place and size of the table, from the valid one of the higher generation."""
        found = []
        for place in (0, 8192):
            self.file.seek(place)
            sector = self.file.read(512)
            if not is_sector(sector, b"RECALL1F", "the superblock"):
                continue
            generation, offset, size = struct.unpack_from("<QQQ", sector, 16)
            is_place = size == 0 or size <= 64 << 20 and offset >= UNIT and offset % UNIT == 0
            if generation < 1 << 63 and is_place:
                found.append((generation, offset, size))
        if found:
            return max(found)
        self.file.seek(0)
        if self.size > UNIT or any(byte not in (0, new) for byte, new in zip(self.file.read(UNIT), new_head())):
            raise Damage("neither superblock holds")
        return None  # Its making was interrupted.

    def table(self, generation, offset, size):
        """[Table of contents] The names and their places, from the first copy that holds."""
        if size == 0:
            return {}
        reason = "it lies behind the end of the file"
        for start in (offset, offset + size + GAP):
            self.file.seek(start)
            copy = self.file.read(size)
            if len(copy) < size:
                continue
            try:
                return self.entries(copy, generation, (offset, offset + -(-(2 * size + GAP) // UNIT) * UNIT))
            except Damage as error:
                reason = error
        raise Damage(f"neither copy of the table of contents, at {offset}, holds: {reason}")

    def entries(self, copy, generation, place):
        """[Table of contents] What one copy says."""
        if len(copy) < 21 or struct.unpack("<I", copy[-4:])[0] != crc32c(copy[:-4]):
            raise Damage("its checksum does not hold")
        rest = Cursor(copy, 0, len(copy) - 4)
        if rest.bytes(16) != b"RECALLTC" + struct.pack("<Q", generation):
            raise Damage("it is not that of its superblock")
        places, extents, last = {}, [place], b""
        for _ in range(rest.count(3)):
            name = rest.string()
            raw = name.encode()
            parts = raw.split(b"/")
            is_plain = all(0x20 <= byte <= 0x7E for byte in raw)
            if len(raw) > 255 or raw <= last or not is_plain or not {b"", b".", b".."}.isdisjoint(parts):
                raise Damage("it holds a name that cannot be, or names that do not ascend")
            if len(parts) > 1 and places.get(name.rpartition("/")[0], ()) is not None:
                raise Damage(f"{name} lies in no directory")
            last, places[name] = raw, None
            kind = rest.byte()
            if kind == 1:
                offset, capacity, size = rest.varint() * UNIT, rest.varint() * UNIT, rest.varint()
                if size > capacity or capacity > 0 and offset < UNIT:
                    raise Damage(f"{name} cannot lie where it says")
                places[name] = offset, size
                extents.append((offset, offset + capacity))
            elif kind != 2:
                raise Damage("it holds an entry of an unknown kind")
        extents = sorted(extent for extent in extents if extent[0] < extent[1])
        if rest.place != rest.end or any(before[1] > behind[0] for before, behind in zip(extents, extents[1:])):
            raise Damage("two extents overlap, or something stands behind the last entry")
        return places

    def names(self, folder):
        """What is in a directory, None where there is none."""
        if folder not in self.places:
            return None
        start = folder + "/"
        return [name[len(start):] for name in self.places if name.startswith(start)]

    def read(self, name):
        if not self.places.get(name):
            raise FileNotFoundError(2, "there is no such file in the store", name)
        offset, size = self.places[name]
        # What would lie behind the end of the file is missing.
        return mapped(self.file, offset, max(0, min(size, self.size - offset)))


def new_head():
    """[What makes a name or a size durable, Making a store] The first bytes of a new file."""
    sector = (b"RECALL1F" + struct.pack("<HHI", 1, 2, 512)).ljust(508, b"\0")
    sector += struct.pack("<I", crc32c(sector))
    return (sector.ljust(8192, b"\0") + sector).ljust(UNIT, b"\0")


def files_of(store):
    """[The single-file layout] The files of a store in its layout."""
    is_single_file = store.endswith(".recall") and not os.path.isdir(store)
    return SingleFile(store) if is_single_file else Directory(store)


# --- Headers ----------------------------------------------------------------------------------------------------

def is_sector(copy, magic, name):
    """[Headers] Whether a sector of 512 bytes is what its first bytes say, in the version that is known here."""
    if len(copy) < 512 or copy[:8] != magic or struct.unpack_from("<I", copy, 508)[0] != crc32c(copy[:508]):
        return False
    version, _, size = struct.unpack_from("<HHI", copy, 8)
    if version != 1:
        raise Unsupported(f"{name} has format version {version}, and this reader knows 1")
    return size == 512


def header(data, magic, name, belongs=lambda copy: True):
    """[Headers] The first of the two copies of a header that holds."""
    for start in (0, 512 + GAP):
        copy = data[start:start + 512]
        if is_sector(copy, magic, name) and belongs(copy):
            return copy
    raise Damage(f"{name}: neither copy of its header holds")


def read_store_header(files):
    """[Store header] The id of the store and its incarnation, if this reader may read it."""
    copy = header(files.read("store"), b"RECALLST", "the file store")
    layout, = struct.unpack_from("<H", copy, 10)
    flags_to_refuse, = struct.unpack_from("<Q", copy, 56)
    if layout != 1 or flags_to_refuse != 0:
        raise Unsupported(f"layout {layout} with the feature flags {flags_to_refuse:#x} is not known to this reader")
    return copy[16:32], copy[72:88]


Mark = namedtuple("Mark", "number first_position next_position offset salt checksum")


def read_mark(files, store_id, incarnation):
    """[Marks] What the newer of the marks that hold says of the last segment; None where it names none."""
    data, newest = files.read("store"), (-1, None)
    for index, start in enumerate((8192, 12800)):
        copy = data[start:start + 512]
        if is_sector(copy, b"RECALLMK", "a mark") and copy[16:48] == store_id + incarnation:
            writing, *fields = struct.unpack_from("<QQQQQII", copy, 48)
            if writing % 2 == index:
                newest = max(newest, (writing, Mark(*fields)))
    mark = newest[1]
    return mark if mark and mark.number > 0 else None


HEADERS = 512 + GAP + 512  # What both copies of a header take.


def frames_offset(dictionary_size):
    """[Dictionary] Where the frames of a segment begin."""
    return HEADERS + (2 * dictionary_size + GAP if dictionary_size > 0 else 0)


class Segment:
    """[Segment header] The file of a segment, and what its header says."""

    def __init__(self, data, number, store_id):
        self.number, self.data, self.mark = number, data, None
        name = f"segment {number}"

        def belongs(copy):
            capacity, dictionary_size = struct.unpack_from("<QI", copy, 64)
            return (copy[16:40] == store_id + struct.pack("<Q", number) and 1 << 16 <= capacity <= 1 << 30
                    and frames_offset(dictionary_size) <= capacity // 2)

        copy = header(self.data, b"RECALLSG", name, belongs)
        (self.salt, self.epoch, self.first_position, self.base_time, self.capacity,
         dictionary_size) = struct.unpack_from("<IIQqQI", copy, 40)
        if self.capacity > len(data):
            raise Damage(f"{name} has {len(data)} bytes where its header says {self.capacity}")
        self.frames_offset = frames_offset(dictionary_size)
        self.dictionary = read_dictionary(self, dictionary_size)


def read_segments(store):
    """[What opening does] All segments of a store, by number. A new store has none."""
    files = files_of(store)
    names = files.names("segments")
    numbers = sorted(int(name[:10]) for name in names or [] if re.fullmatch(r"[0-9]{10}\.segment", name))
    try:
        store_id, incarnation = read_store_header(files)
    except FileNotFoundError:
        if numbers:
            raise Damage("there are segments, but the file store is missing") from None
        raise
    if names is None:
        raise Damage("the directory segments is missing")
    if numbers != list(range(1, len(numbers) + 1)):
        raise Damage(f"a segment is missing: there are those with the numbers {numbers}")
    mark = read_mark(files, store_id, incarnation)
    if mark and mark.number > len(numbers):
        raise Damage(f"the last segment is missing: segment {mark.number} was begun")
    segments = [Segment(files.read(f"segments/{number:010}.segment"), number, store_id) for number in numbers]
    if mark and mark.number == len(numbers) and mark.offset > 0:
        last = segments[-1]
        if (last.salt, last.first_position) != (mark.salt, mark.first_position):
            raise Damage(f"segment {last.number} is another file than the one that was begun")
        last.mark = mark
    return segments


# --- Frames -----------------------------------------------------------------------------------------------------

COMMIT, DICTIONARY, OPENING, CLOSE, SEAL = 1, 2, 3, 4, 5
Frame = namedtuple("Frame", "end kind codec is_simple epoch first_position watermark rest_offset")


def is_head(head):
    """[Frames] Whether a byte may be the head of a frame. Codec and simplicity are for commits."""
    kind, codec, form = head & 7, head >> 3 & 3, head >> 5 & 3
    return form < 3 and (codec < 3 if kind == COMMIT else DICTIONARY <= kind <= SEAL and head & 0x98 == 0)


HEADS = re.compile(rb"[^\0]")


def frame_at(segment, offset, epoch_least=0, position_least=0, checksums=None, position_most=1 << 63):
    """[Frames] The frame at an offset; None where none holds there, or one of another epoch or position.

    One that holds, and whose head is not known, is of a newer version.
    """
    cursor = Cursor(segment.data, offset, segment.capacity)
    try:
        checksum, = struct.unpack("<I", cursor.bytes(4))
        head = cursor.byte()
        size = cursor.varint()
        if head == 0 or not 8 <= size <= min(1 << 28, segment.capacity - offset):
            return None
        cursor.end = offset + size
        epoch = segment.epoch + cursor.varint()
        position = segment.first_position + cursor.varint()
        form = head >> 5 & 3
        watermark = None if form == 0 else position - 1 - (cursor.varint() if form == 2 else 0)
    except Damage:
        return None
    if epoch < epoch_least or not position_least <= position <= position_most:
        return None
    # The checksum comes last, because it is what takes time.
    place = crc32c(struct.pack("<II", segment.salt, offset))
    if checksums:
        found = checksums.of(offset + 4, cursor.end, place)
    else:
        found = crc32c(segment.data[offset + 4:cursor.end], place)
    if found != checksum:
        return None
    if not is_head(head):
        raise Unsupported(f"segment {segment.number}, offset {offset}: a frame is of a newer version")
    return Frame(cursor.end, head & 7, head >> 3 & 3, head >> 7, epoch, position, watermark, cursor.place)


Dictionary = namedtuple("Dictionary", "ids content")


def read_dictionary(segment, size):
    """[Dictionary] The dictionary of a segment: the first copy that holds. None where neither does."""
    if size == 0:
        return Dictionary([], b"")
    for offset in (HEADERS, HEADERS + size + GAP):
        frame = frame_at(segment, offset)
        if frame and frame.kind == DICTIONARY and frame.end == offset + size:
            rest = Cursor(segment.data, frame.rest_offset, frame.end)
            ids = [rest.uuid() for _ in range(rest.count(16))]
            return Dictionary(ids, rest.rest())
    return None


# --- The chain --------------------------------------------------------------------------------------------------

def events(segment, following):
    """[What opening does] The events of a segment, in order; `following` is the next segment, None for the last."""
    offset, epoch, position = segment.frames_offset, segment.epoch, segment.first_position
    while True:
        frame = frame_at(segment, offset, epoch, position)
        if not (frame and frame.first_position == position and frame.kind != DICTIONARY
                and (frame.epoch > epoch) == (frame.kind == OPENING)):
            frame = behind_chain(segment, following, offset, epoch, position)
            if frame is None:
                mark = segment.mark
                if mark and offset >= mark.offset:
                    marked = segment.data[max(segment.frames_offset, mark.offset - 64):mark.offset]
                    if crc32c(marked) != mark.checksum:
                        raise Damage(f"segment {segment.number} is another copy than the one that was marked")
                return
        if frame.kind == COMMIT:
            try:
                commit = read_commit(segment, frame)
            except Damage as error:
                raise damage(segment, following, offset, epoch, position, error, frame.end - 1) from None
            yield from commit
            position += len(commit)
        if frame.kind == SEAL:
            if following and following.first_position != position:
                raise Damage(f"segment {following.number} does not begin with position {position}, which is the next")
            return
        offset, epoch = frame.end, frame.epoch


def behind_chain(segment, following, offset, epoch, position):
    """[What opening does] Tells apart what the chain stopped for, at X = `offset` and before P = `position`.

    Returns None where the log, or the segment, ends here. Where frames of sessions are lost but no event is, returns
    the frame with which reading goes on. Else acknowledged events are lost: raises Damage.
    """
    if not following and segment.mark and offset < segment.mark.offset:
        if not next_held(segment, offset, epoch, position) and segment.mark.next_position == position:
            return None  # Only a frame of a session is lost, which was the last.
        raise damage(segment, following, offset, epoch, position, "what stood there was durable, and is lost")
    if not following and not any(is_proof(frame, epoch, position)
                                 for frame in frames_behind(segment, offset, epoch, position)):
        return None  # The end, or commits that nothing says were durable.
    frame = next_held(segment, offset, epoch, position)
    successor = frame or following
    if not successor or successor.first_position != position:
        raise damage(segment, following, offset, epoch, position, "the frame there is not what the chain requires")
    return frame


def frames_behind(segment, offset, epoch, position, behind=None):
    """[What opening does] The frames behind X = `offset` that hold there, of no lesser epoch, and of a position that can be.

    One may begin at any byte. Its head, four bytes further on, is never 0, so zeros cost little. An event between takes
    eight bytes or more. None begins in front of `behind`, the last byte of a frame that holds at X and cannot be read.
    """
    checksums = Checksums(segment.data, offset)
    for match in HEADS.finditer(segment.data, (behind or offset) + 5, segment.capacity):
        start = match.start() - 4
        frame = frame_at(segment, start, epoch, position, checksums, position + (start - offset) // 8)
        if frame and frame.kind != DICTIONARY:
            yield frame


def is_proof(frame, epoch, position):
    """[What opening does] Whether a frame behind the chain proves that what stood before it was acknowledged."""
    states_it = frame.watermark is not None and frame.watermark >= position
    return states_it or frame.epoch > epoch and frame.kind != OPENING


def next_held(segment, offset, epoch, position, behind=None):
    """[What opening does] The next frame behind X that holds, whatever is in it; None where there is none."""
    return next(frames_behind(segment, offset, epoch, position, behind), None)


def damage(segment, following, offset, epoch, position, reason, behind=None):
    """[What opening does] Damage at X, where events are lost from P to before N."""
    successor = next_held(segment, offset, epoch, position, behind) or following
    last = max(position, successor.first_position - 1) if successor else position
    if not successor and segment.mark:
        last = max(last, segment.mark.next_position - 1)
    return Damage(f"segment {segment.number}, offset {offset}, positions {position} to {last}: {reason}")


# --- Commits ----------------------------------------------------------------------------------------------------

Event = namedtuple("Event", "position aggregate aggregate_type version id root type time schema_version content_type "
                            "metadata tags payload")


def read_commit(segment, frame):
    """[Commit frame] The events of a commit."""
    rest = Cursor(segment.data, frame.rest_offset, frame.end)
    time = segment.base_time + rest.zigzag()
    # An event takes 10 bytes of id, a stream at least 5.
    event_count, stream_count = (1, 1) if frame.is_simple else (rest.count(10), rest.count(5))
    streams = [read_stream(segment, rest, frame.is_simple, stream_count) for _ in range(stream_count)]
    event_ids = [read_event_id(rest, time) for _ in range(event_count)]
    body = read_body(segment, frame.codec, rest)
    aggregate_types = [body.string() for _ in streams]
    versions = [previous_version for _, _, previous_version in streams]
    commit = []
    for index, event_id in enumerate(event_ids):
        stream = body.varint() if stream_count > 1 else 0
        if stream >= stream_count:
            raise Damage("an event belongs to a stream that its commit does not list")
        versions[stream] += 1
        identity, root, _ = streams[stream]
        fields = body.byte()
        if fields > 31:
            raise Damage("an event has fields that are not known")
        # Arguments are evaluated in this order, which is that of the bytes.
        commit.append(Event(
            position=frame.first_position + index, aggregate=identity, aggregate_type=aggregate_types[stream],
            version=versions[stream], id=event_id, root=streams[root - 1][0] if root else None,
            type=body.string(),
            time=body.zigzag() if fields & 1 else time,
            schema_version=body.varint() if fields & 2 else 1,
            content_type=body.string() if fields & 4 else "application/json",
            metadata={body.string(): body.string() for _ in range(body.count(2))} if fields & 8 else {},
            tags=[body.string() for _ in range(body.count(1))] if fields & 16 else [],
            payload=body.bytes(body.varint())))
    if not commit or body.place != body.end:
        raise Damage("a commit has no event, or bytes behind its last one")
    return commit


def read_stream(segment, rest, is_simple, stream_count):
    """[Commit frame, stream] The id of a stream, its root (0 for itself, else 1 + index), the version before."""
    number = rest.varint()
    if number > 0 and not (segment.dictionary and number <= len(segment.dictionary.ids)):
        raise Damage("a stream has a number, and no copy of the dictionary says what it means")
    identity = segment.dictionary.ids[number - 1] if number > 0 else rest.uuid()
    root = 0 if is_simple else rest.varint()
    if root > stream_count:
        raise Damage("a stream has a root that its commit does not list")
    previous_version = rest.varint()
    if stream_count > 1:
        rest.varint(), rest.varint()  # How many events it has, and which is the last: known from the records.
    return identity, root, previous_version


def read_event_id(rest, time):
    """[Event ids] The id of an event in a commit of this time."""
    first = rest.byte()
    if first == 0:
        return rest.uuid()
    code, a, low = first >> 2 & 31, (first & 3) << 10 | rest.byte() << 2, int.from_bytes(rest.bytes(8), "big")
    lag = code if code < 30 else rest.zigzag()
    milliseconds = time // 1000 - lag
    if first < 128 or code > 30 or not 0 <= milliseconds < 1 << 48:
        raise Damage("an event id has a form that is not known")
    # The last two bits of a stand at the top of `low`, where a UUID has its variant, 2.
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | (a | low >> 62) << 64 | 2 << 62 | low & (1 << 62) - 1)


def read_body(segment, codec, rest):
    """[Commit frame, body] The body of a commit, decompressed."""
    if codec == 0:
        return rest
    raw_size, block = rest.varint(), rest.rest()
    # A byte of an LZ4 block stands for at most 255: no memory is taken for a size that cannot be true.
    if codec == 2 and not segment.dictionary:
        raise Damage("a body needs the dictionary, and no copy of it holds")
    if not 0 < raw_size <= (255 * len(block) if codec == 1 else 16383):
        raise Damage("a body states an impossible size")
    dictionary = segment.dictionary.content if codec == 2 else b""
    try:
        raw = lz4.block.decompress(block, uncompressed_size=raw_size, dict=dictionary)
    except lz4.block.LZ4BlockError:
        raw = b""
    if len(raw) != raw_size:
        raise Damage("a body cannot be decompressed")
    return Cursor(raw, 0, raw_size)


# --- Lines of JSON: of docs/cli.md, "An event as a line" --------------------------------------------------------

JSON_STRING = r'"(?:[^"\\]|\\.)*"'


def json_payload(event):
    """The text of a payload that is JSON, as it is stored, but without line breaks; None where it is not JSON."""
    media_type = event.content_type.split(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        return None
    try:
        text = event.payload.decode("utf-8")
        # Numbers stay text, whatever their size. NaN and Infinity, which Python allows, are refused by int().
        json.loads(text, parse_int=str, parse_float=str, parse_constant=int)
    except (ValueError, RecursionError):
        return None
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", re.sub(JSON_STRING, "", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > 512:
            return None
    if "\n" in text or "\r" in text:
        return re.sub(rf"({JSON_STRING})|[ \t\r\n]+", r"\1", text)
    return text


def json_time(microseconds):
    """A time as RFC 3339; a year outside of 1 to 9999 has a sign instead of leading zeros."""
    # The calendar repeats every 400 years, that is 146,097 days. Python knows the years 1 to 9999 alone.
    cycle, rest = divmod(microseconds, 146097 * 86_400_000_000)
    time = datetime(1970, 1, 1) + timedelta(microseconds=rest)
    year = time.year + 400 * cycle
    return (f"{year:04}" if 1 <= year <= 9999 else f"{year:+}") + time.strftime("-%m-%dT%H:%M:%S.%fZ")


def json_line(event):
    """The line for an event."""
    def json_text(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    payload = json_payload(event)
    line = (f'{{"position":{event.position},"aggregate":"{event.aggregate}",'
            f'"aggregateType":{json_text(event.aggregate_type)},"version":{event.version},"id":"{event.id}",'
            f'"type":{json_text(event.type)},"time":"{json_time(event.time)}",'
            f'"metadata":{json_text(event.metadata)},"tags":{json_text(event.tags)}')
    if event.root:
        line += f',"root":"{event.root}"'
    if event.schema_version != 1:
        line += f',"schemaVersion":{event.schema_version}'
    if payload is None or event.content_type != "application/json":
        line += f',"contentType":{json_text(event.content_type)}'
    if payload is None:
        return f'{line},"dataBase64":"{base64.b64encode(event.payload).decode()}"}}\n'
    return f'{line},"data":{payload}}}\n'


def main(arguments):
    if len(arguments) != 2:
        print("usage: read_store.py STORE", file=sys.stderr)
        return 2
    output = sys.stdout.buffer
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Who reads the lines may stop reading.
    try:
        segments = read_segments(arguments[1])
        for segment, following in zip(segments, segments[1:] + [None]):
            for event in events(segment, following):
                output.write(json_line(event).encode("utf-8"))
        output.flush()
    except Damage as error:
        output.flush()
        print(f"read_store: {error}", file=sys.stderr)
        return 1
    except (OSError, Unsupported) as error:
        print(f"read_store: {error}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
