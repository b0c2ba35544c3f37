"""Two tunes that the learner's `generate` writes, from the pairs of notes of made jigs."""

import re
from itertools import pairwise

import torch

from grader.checks import Submission, record_text
from grader.data.tunes import make_tunes

SIGNS = {"end": 0, "|": 1, "|:": 2, ":|": 3}
NOTE = re.compile(r"[A-Ga-g]\d*")
KEY = "G"
EIGHTHS, BARS = 6, 8
"""The length of a bar, and how many bars a tune has at most."""


def picture(submission: Submission) -> None:
    """One tune close to what is likely, and one that dares more."""
    tunes = [tune.body for tune in make_tunes(600, 1) if (tune.metre, tune.key) == ("6/8", KEY)]
    names = sorted({note for body in tunes for note in NOTE.findall(body)})
    ids = SIGNS | {note: len(SIGNS) + number for number, note in enumerate(names)}
    durations = torch.tensor([0] * len(SIGNS) + [int(note[1:] or 1) for note in names])
    counts = torch.zeros(len(ids), len(ids), len(ids))
    for body in tunes:
        tokens = [ids[token] for token in NOTE.sub(r" \g<0> ", body.replace("]", "")).split()]
        line = [SIGNS["end"], SIGNS["end"], *tokens, SIGNS["end"]]
        for first, (second, third) in zip(line, pairwise(line[1:]), strict=False):
            counts[first, second, third] += 1.0
            counts[:, second, third] += 0.01  # where a pair is rare, the last note alone decides
    table, allowed = (counts + 1e-4).log(), torch.ones(len(ids), dtype=torch.bool)
    for heat in (0.5, 1.0):
        [tune] = submission["generate"].seeded(
            6, table, durations, allowed, [[]], EIGHTHS, BARS, heat, 0.95
        )
        texts = {number: text for text, number in ids.items()} | {SIGNS["end"]: ""}
        music = "".join(texts.get(number, "?") for number in tune)
        record_text(
            f"A tune at temperature {heat:g} (ABC)", f"M:6/8\nL:1/8\nK:{KEY}\n{in_lines(music)}"
        )


def in_lines(music: str) -> str:
    """Music with four bars a line."""
    bars = [bar for bar in re.split(r"(?<=[|])(?![:|])", music) if bar]
    return "\n".join("".join(bars[n : n + 4]) for n in range(0, len(bars), 4))
