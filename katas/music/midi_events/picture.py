"""Any sequence of events is some music: what a model writes that has learned nothing yet."""

import torch

from grader.checks import Submission, record_text
from grader.checks.pianoroll import piano_roll

EVENTS = 160
PITCHES = (60, 62, 64, 67, 69, 72)
COLUMN = 12  # ticks


def picture(submission: Submission) -> None:
    """Events that are drawn with equal shares, decoded into notes."""
    chance = torch.Generator().manual_seed(3)

    def drawn(below: int) -> int:
        return int(torch.randint(below, (1,), generator=chance))

    events = []
    for _ in range(EVENTS):
        kind = ("shift", "shift", "on", "off")[drawn(4)]
        value = 1 + drawn(24) if kind == "shift" else PITCHES[drawn(len(PITCHES))]
        events.append((kind, value))
    notes = [note[:3] for note in submission["decode"](events)]
    ends = sum(kind == "off" for kind, _ in events)
    record_text(
        f"{EVENTS} random events, {ends} of them ends: your decode makes {len(notes)} notes",
        piano_roll(notes, COLUMN),
    )
