"""Another right way: one list of all messages with their ticks, sorted, and a running table.

mido parses; what it raises is told apart by where it stopped. Times are sums by `accumulate`.
"""

import io
from bisect import bisect_right
from itertools import accumulate

import mido


def read_midi(data, name="data", clip=False):
    """Read notes, tempos and ticks of a beat."""
    source = io.BytesIO(data)
    try:
        file = mido.MidiFile(file=source, clip=clip)
    except EOFError:
        raise ValueError(f"{name}, byte {len(data)}: the file is cut short") from None
    except Exception as error:
        raise ValueError(f"{name}, byte {source.tell()}: {error!r}") from None
    if file.ticks_per_beat < 1:
        raise ValueError(f"{name}, byte 13: time is counted in frames of film")
    merged = []
    for number, track in enumerate(file.tracks):
        ticks = list(accumulate(message.time for message in track))
        end = ticks[-1] if ticks else 0
        merged += [(tick, number, end, message) for tick, message in zip(ticks, track, strict=True)]
    tempos = {0: 500_000}
    for tick, _, _, message in sorted(merged, key=lambda entry: entry[0]):
        if message.type == "set_tempo":
            tempos[tick] = message.tempo
    notes, open_notes = [], []
    for tick, number, end, message in merged:
        if message.type not in ("note_on", "note_off"):
            continue
        voice = (number, message.channel, message.note)
        if message.type == "note_on" and message.velocity:
            open_notes.append([voice, tick, message.velocity, end])
            continue
        first = next((entry for entry in open_notes if entry[0] == voice), None)
        if first is not None:
            open_notes.remove(first)
            notes.append((first[1], tick, message.note, first[2]))
    notes += [(start, end, voice[2], velocity) for voice, start, velocity, end in open_notes]
    return (
        sorted(note for note in notes if note[0] != note[1]),
        sorted(tempos.items()),
        file.ticks_per_beat,
    )


def seconds(tick, tempos, ticks_per_beat):
    """Say when a tick is: the table of times at each change, and the rest at the last tempo."""
    changes = [start for start, _ in tempos]
    spans = [
        (later - start) * tempo for (start, tempo), later in zip(tempos, changes[1:], strict=False)
    ]
    at = [0, *accumulate(spans)]
    k = bisect_right(changes, tick) - 1
    return (at[k] + (tick - changes[k]) * tempos[k][1]) / ticks_per_beat * 1e-6


def encode(notes, longest):
    """Write notes as events."""
    by_tick = {}
    for start, end, pitch, velocity in notes:
        by_tick.setdefault(end, ([], []))[0].append(pitch)
        by_tick.setdefault(start, ([], []))[1].append((pitch, velocity))
    events, now, last = [], 0, -1
    for tick in sorted(by_tick):
        whole, rest = divmod(tick - now, longest)
        events += [("shift", longest)] * whole
        events += [("shift", rest)] if rest else []
        now = tick
        offs, ons = by_tick[tick]
        events += [("off", pitch) for pitch in sorted(offs)]
        for pitch, velocity in sorted(ons):
            events += [("velocity", velocity)] if velocity != last else []
            events.append(("on", pitch))
            last = velocity
    return events


def decode(events):
    """Read events back into notes."""
    now, velocity, queue, notes = 0, 64, [], []
    for kind, value in [*events, ("end", 0)]:
        match kind:
            case "shift":
                now += value
            case "velocity":
                velocity = value
            case "on":
                queue.append((value, now, velocity))
            case _:
                ending = [entry for entry in queue if kind == "end" or entry[0] == value]
                for entry in ending if kind == "end" else ending[:1]:
                    queue.remove(entry)
                    notes.append((entry[1], now, entry[0], entry[2]))
    return sorted(note for note in notes if note[0] < note[1])


def write_midi(notes, tempos, ticks_per_beat):
    """Write a file of two tracks: tempos, and notes."""
    file = mido.MidiFile(type=1, ticks_per_beat=ticks_per_beat)
    conductor = [(tick, mido.MetaMessage("set_tempo", tempo=tempo)) for tick, tempo in tempos]
    melody = [(end, mido.Message("note_on", note=p, velocity=0)) for _, end, p, _ in notes]
    melody += [(start, mido.Message("note_on", note=p, velocity=v)) for start, _, p, v in notes]
    melody.sort(key=lambda moment: moment[0])  # a stable sort: what ends stays before what begins
    for moments in (conductor, melody):
        track = file.add_track()
        for (before, _), (tick, message) in zip([(0, None), *moments], moments, strict=False):
            message.time = tick - before
            track.append(message)
    stream = io.BytesIO()
    file.save(file=stream)
    return stream.getvalue()
