"""The worked example of the task: a whole file of 54 bytes."""

from grader.checks import Submission, worked

FILE = bytes.fromhex(
    "4D546864 00000006 00000001 0060 4D54726B 00000020 00FF510307A120 00903C40 603C00 004050"
    "30FF510303D090 30804040 00FF2F00"
)
NOTES = [(0, 96, 60, 64), (96, 192, 64, 80)]
EVENTS = "velocity 64, on 60, shift 96, off 60, velocity 80, on 64, shift 96, off 64"


def example(submission: Submission) -> None:
    """What is read from the file, and its notes as events."""
    notes, tempos, beat = submission["read_midi"](FILE)
    worked("notes", "0 96 60 64 96 192 64 80", notes)
    worked("tempos", "0 500000 144 250000", tempos)
    worked("ticks a beat", "96", beat)
    tempos = [(0, 500_000), (144, 250_000)]
    worked("seconds of tick 192", "0.875", submission["seconds"](192, tempos, 96))
    events = submission["encode"](NOTES, 1_000)
    worked("events", EVENTS, events)
    worked("notes of the events", "0 96 60 64 96 192 64 80", submission["decode"](events))
    written = submission["write_midi"](NOTES, tempos, 96)
    worked("notes written and read", "0 96 60 64 96 192 64 80", submission["read_midi"](written)[0])
