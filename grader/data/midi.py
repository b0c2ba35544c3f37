r"""Standard MIDI files, byte by byte: a writer that can write what players meet, and a reader.

A track is a list of events at ticks from the file's start, each with its message in full:

    [(0, b"\x90\x3c\x40"), (480, b"\x80\x3c\x40")]     a quarter note of middle C
"""

import struct
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.errors import DataError

HEADER = b"MThd"
TRACK = b"MTrk"
END_OF_TRACK = b"\xff\x2f\x00"
SHORT = {0xC0, 0xD0}  # channel messages with one byte of data

Event = tuple[int, bytes]


class Note(NamedTuple):
    """A note: ticks of its start and end, pitch (60 is middle C) and velocity."""

    start: int
    end: int
    pitch: int
    velocity: int


class MidiFile(NamedTuple):
    """What a file holds.

    Args:
        format: 0, 1 or 2.
        division: ticks of a quarter note.
        tracks: each a list of events, the end of the track among them.
        places: for each track, where each of its events begins, in bytes from the file's start.
    """

    format: int
    division: int
    tracks: list[list[Event]]
    places: list[list[int]]

    @property
    def notes(self) -> list[Note]:
        """The notes of all tracks, in order."""
        return sorted(note for track in self.tracks for note in notes_of(track))

    @property
    def tempos(self) -> list[tuple[int, int]]:
        """Microseconds of a quarter note, from which tick on; the first is at 0."""
        found = {0: 500_000}
        for track in self.tracks:
            for tick, message in track:
                if message[:3] == b"\xff\x51\x03":
                    found[tick] = int.from_bytes(message[3:], "big")
        return sorted(found.items())


def note_on(pitch: int, velocity: int, channel: int = 0) -> bytes:
    """A message that begins a note, or with velocity 0 ends it."""
    return bytes([0x90 + channel, pitch, velocity])


def note_off(pitch: int, channel: int = 0) -> bytes:
    """A message that ends a note."""
    return bytes([0x80 + channel, pitch, 64])


def set_tempo(microseconds: int) -> bytes:
    """A message that sets the length of a quarter note."""
    return b"\xff\x51\x03" + microseconds.to_bytes(3, "big")


def variable(number: int) -> bytes:
    """A number in seven bits a byte, the highest first; all bytes but the last have bit 7 set."""
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk: its name, its length, its body."""
    return name + struct.pack(">I", len(body)) + body


def track_body(events: Sequence[Event], *, running: bool = False) -> bytes:
    """The bytes of a track, without its end.

    Args:
        events: in the order of time.
        running: whether a status that is that of the message before is left out.
    """
    body, now, status = bytearray(), 0, -1
    for tick, message in events:
        body += variable(tick - now)
        same = running and message[0] == status and status < 0xF0
        body += message[1:] if same else message
        now, status = tick, message[0]
    return bytes(body)


def write_midi(
    tracks: Sequence[Sequence[Event]], division: int, *, running: bool = False, format: int = 1
) -> bytes:
    """A file of these tracks; where a track has no end, it ends with its last event."""
    written = chunk(HEADER, struct.pack(">HHH", format, len(tracks), division))
    for events in tracks:
        body = track_body(events, running=running)
        ended = any(message == END_OF_TRACK for _, message in events)
        written += chunk(TRACK, body if ended else body + b"\x00" + END_OF_TRACK)
    return written


def read_midi(data: bytes, path: Path) -> MidiFile:
    """Read a file.

    Chunks of other names are left out, as the standard asks.

    Args:
        data: its bytes.
        path: its name, for errors.

    Raises:
        DataError: it is broken; says at which byte.
    """
    reader = _Reader(data, path)
    name, end = reader.chunk()
    if name != HEADER or end - reader.at < 6:
        raise reader.error("a MIDI file begins with MThd and six bytes or more", at=0)
    form, count, division = struct.unpack(">HHH", reader.take(6))
    if not 0 < division < 0x8000:
        raise reader.error("its division is no number of ticks in a quarter note", at=12)
    reader.at = end
    tracks: list[list[Event]] = []
    places: list[list[int]] = []
    while len(tracks) < count:
        name, end = reader.chunk()
        if name == TRACK:
            read = list(reader.events(end))
            tracks.append([(tick, message) for _, tick, message in read])
            places.append([place for place, _, _ in read])
        reader.at = end
    return MidiFile(form, division, tracks, places)


class _Reader:
    """Bytes, and how far they are read."""

    def __init__(self, data: bytes, path: Path) -> None:
        self.data, self.path, self.at = data, path, 0
        self.end = len(data)  # of the track that is read; nothing is read behind it

    def error(self, message: str, at: int | None = None) -> DataError:
        place = self.at if at is None else at
        advice = "Get a whole copy of the file, or open it in a sequencer and export it again."
        return DataError(self.path, message, byte=place, advice=advice)

    def take(self, count: int) -> bytes:
        found = self.data[self.at : self.at + count]
        if len(found) < count:
            raise self.error(f"the file ends here, {count - len(found)} bytes too early")
        if self.at + count > self.end:
            raise self.error("the track ends here, in the middle of an event")
        self.at += count
        return found

    def chunk(self) -> tuple[bytes, int]:
        """The name of the chunk that begins here, and where it ends."""
        self.end = max(self.at + 8, len(self.data))
        name, length = struct.unpack(">4sI", self.take(8))
        return name, self.at + length

    def number(self) -> int:
        """A number of up to four bytes."""
        start, number = self.at, 0
        for _ in range(4):
            byte = self.take(1)[0]
            number = number << 7 | byte & 0x7F
            if byte < 0x80:
                return number
        raise self.error("a number has more than four bytes", at=start)

    def events(self, end: int) -> Iterator[tuple[int, int, bytes]]:
        """Where each event of a track begins, its tick, and its message."""
        tick, status = 0, 0
        self.end = end
        while self.at < end:
            place = self.at
            tick += self.number()
            begins = self.at
            byte = self.take(1)[0]
            if byte < 0x80:
                if not status:
                    raise self.error("a message without a status, and none before it", at=place)
                self.at = begins
                byte = status
            if byte == 0xFF:
                kind = self.take(1)
                body = self.take(self.number())
                message = b"\xff" + kind + variable(len(body)) + body
            elif byte in (0xF0, 0xF7):
                body = self.take(self.number())
                message, status = bytes([byte]) + variable(len(body)) + body, 0
            elif byte < 0xF0:
                body, status = self.take(1 if byte & 0xF0 in SHORT else 2), byte
                if max(body) > 0x7F:
                    raise self.error("a data byte is larger than 127", at=place)
                message = bytes([byte]) + body
            else:
                raise self.error(f"a status {byte:#x} that no file may hold", at=place)
            yield place, tick, message
            if message == END_OF_TRACK:
                return


def notes_of(track: Sequence[Event]) -> list[Note]:
    """The notes of a track: an end ends the first that sounds; what is open ends with the track."""
    sounding: dict[tuple[int, int], deque[tuple[int, int]]] = defaultdict(deque)
    found: list[Note] = []
    last = 0
    for tick, message in track:
        last = tick
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind not in (0x80, 0x90) or message[0] >= 0xF0:
            continue
        pitch, velocity = message[1], message[2]
        if kind == 0x90 and velocity:
            sounding[channel, pitch].append((tick, velocity))
        elif sounding[channel, pitch]:
            start, loud = sounding[channel, pitch].popleft()
            found.append(Note(start, tick, pitch, loud))
    for (_, pitch), rest in sounding.items():
        found += [Note(start, last, pitch, velocity) for start, velocity in rest]
    return [note for note in found if note.end > note.start]
