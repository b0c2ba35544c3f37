"""Another right way, without mido: the file is read and written byte by byte."""

import struct


def read_midi(data, name="data", clip=False):
    """Read notes, tempos and ticks of a beat."""
    at = 0

    def fail(why):
        raise ValueError(f"{name}, byte {at}: {why}")

    def take(count):
        nonlocal at
        if at + count > len(data):
            fail("the file ends before it should")
        at += count
        return data[at - count : at]

    def number():
        value = 0
        while True:
            byte = take(1)[0]
            value = value << 7 | byte & 127
            if byte < 128:
                return value

    if take(8)[:4] != b"MThd":
        fail("no MIDI file: it does not begin with MThd")
    length = struct.unpack(">I", data[4:8])[0]
    _, count, division = struct.unpack(">HHh", take(max(length, 6))[:6])
    if division <= 0:
        at = 12
        fail("time is not counted in ticks of a beat")
    notes, tempos = [], {0: 500_000}
    for _ in range(count):
        kind, length = struct.unpack(">4sI", take(8))
        if kind != b"MTrk":
            fail("a track should begin here")
        end, tick, status = at + length, 0, None
        waiting = {}
        while at < end:
            tick += number()
            byte = take(1)[0]
            if byte == 255:
                kind, body = take(1)[0], take(number())
                if kind == 0x51:
                    if len(body) != 3:
                        fail("a tempo has three bytes")
                    tempos[tick] = int.from_bytes(body, "big")
                continue
            if byte in (0xF0, 0xF7):
                take(number())
                status = None
                continue
            if byte >= 0xF0:
                fail(f"{byte:#x} is no message of a file")
            if byte >= 128:
                status = byte
            elif status is None:
                fail("running status, and no status before it")
            else:
                at -= 1
            body = take(1 if 0xC0 <= status < 0xE0 else 2)
            if max(body) > 127 and not clip:
                fail("a data byte is above 127")
            body = [min(value, 127) for value in body]
            voice = (status & 15, body[0])
            if status >> 4 == 9 and body[1]:
                waiting.setdefault(voice, []).append((tick, body[1]))
            elif status >> 4 in (8, 9) and waiting.get(voice):
                start, velocity = waiting[voice].pop(0)
                notes.append((start, tick, body[0], velocity))
        for (_, pitch), rest in waiting.items():
            notes.extend((start, tick, pitch, velocity) for start, velocity in rest)
    return sorted(n for n in notes if n[0] < n[1]), sorted(tempos.items()), division


def seconds(tick, tempos, ticks_per_beat):
    """Say when a tick is, walking from tempo to tempo."""
    at, now, tempo = 0.0, 0, tempos[0][1]
    for change, following in tempos[1:]:
        if change >= tick:
            break
        at += (change - now) * tempo / ticks_per_beat / 1e6
        now, tempo = change, following
    return at + (tick - now) * tempo / ticks_per_beat / 1e6


def encode(notes, longest):
    """Write notes as events, by a walk over the ticks at which something happens."""
    events, now, loud = [], 0, None
    for tick in sorted({note[0] for note in notes} | {note[1] for note in notes}):
        while tick - now > longest:
            events.append(("shift", longest))
            now += longest
        if tick > now:
            events.append(("shift", tick - now))
            now = tick
        events += [("off", pitch) for pitch in sorted(n[2] for n in notes if n[1] == tick)]
        for pitch, velocity in sorted(n[2:] for n in notes if n[0] == tick):
            if velocity != loud:
                events.append(("velocity", velocity))
            loud = velocity
            events.append(("on", pitch))
    return events


def decode(events):
    """Read events back into notes."""
    ends, starts, now, loud = [], [], 0, 64
    for kind, value in events:
        if kind == "shift":
            now += value
        elif kind == "velocity":
            loud = value
        elif kind == "on":
            starts.append([now, None, value, loud])
        else:
            for note in starts:
                if note[2] == value and note[1] is None:
                    note[1] = now
                    break
    for note in starts:
        ends.append((note[0], now if note[1] is None else note[1], *note[2:]))
    return sorted(note for note in ends if note[1] > note[0])


def write_midi(notes, tempos, ticks_per_beat):
    """Write a file with one track."""
    moments = [(tick, 0, b"\xff\x51\x03" + tempo.to_bytes(3, "big")) for tick, tempo in tempos]
    for start, end, pitch, velocity in notes:
        moments.append((start, 2, bytes([0x90, pitch, velocity])))
        moments.append((end, 1, bytes([0x80, pitch, 0])))
    body, now = b"", 0
    for tick, _, message in sorted(moments):
        body += _number(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    head = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, ticks_per_beat)
    return head + struct.pack(">4sI", b"MTrk", len(body)) + body


def _number(value):
    parts = bytearray([value % 128])
    while value := value // 128:
        parts.insert(0, value % 128 + 128)
    return bytes(parts)
