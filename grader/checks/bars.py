"""What katas that write music share: the rules of tunes in bars, and how odd a sample looks.

The rules are those of one step. What can still be finished follows from them by trying everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import torch

END, BAR, OPEN, CLOSE = 0, 1, 2, 3
"""Ids that are no notes: the end, a bar line, and the signs around a repeat."""
State: TypeAlias = tuple[int, int, bool]
"""The length since the last bar line, the bars that have ended, and whether a repeat is open."""
START: State = (0, 0, False)


@dataclass(frozen=True)
class Bars:
    """The rules of tunes.

    Args:
        durations: of all ids; 0 for the first four.
        allowed: which notes may be used.
        bar: the length of a bar.
        most: bars of a tune at most.
    """

    durations: tuple[int, ...]
    allowed: tuple[bool, ...]
    bar: int
    most: int

    def step(self, state: State, token: int) -> State | None:
        """The state behind a token; None where a rule is broken.

        The state behind END is the one before it.
        """
        filled, bars, opened = state
        whole = filled == self.bar
        if token >= 4:
            after = filled + self.durations[token]
            return (after, bars, opened) if after <= self.bar else None
        if token == END:
            return state if filled == 0 and bars and not opened else None
        if (token == CLOSE and not opened) or (token == OPEN and opened):
            return None
        if not whole and not (token == OPEN and filled == 0):
            return None
        return (0, bars + whole, token == OPEN or (token == BAR and opened))

    def usable(self, state: State) -> list[int]:
        """The ids after which the tune can still be finished."""
        return [
            token
            for token, allowed in enumerate(self.allowed)
            if (token < 4 or allowed)
            and (after := self.step(state, token)) is not None
            and (token == END or (after != state and _ends(self, after)))
        ]

    def tensors(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Durations and what is allowed, as a submission gets them."""
        return torch.tensor(self.durations), torch.tensor(self.allowed)

    def stands(self, tune: Sequence[int]) -> State | None:
        """The state behind a tune; None where it breaks a rule."""
        state: State | None = START
        for position, token in enumerate(tune):
            known = isinstance(token, int) and 0 <= token < len(self.durations)
            ended = position > 0 and tune[position - 1] == END
            state = self.step(state, token) if state and known and not ended else None
        return state


@cache
def _ends(world: Bars, state: State) -> bool:
    """Whether some tokens lead from here to END, within the bars that there are."""
    return state[1] <= world.most and bool(world.usable(state))


def odds(counts: Sequence[int], shares: Sequence[float]) -> float:
    """How likely counts at least as far from their shares are (Pearson's chi-square).

    Args:
        counts: how often each thing was drawn.
        shares: the probability of each. What has the share 0 can't be drawn.
    """
    total = sum(counts)
    pairs = [(count, share * total) for count, share in zip(counts, shares, strict=True) if share]
    if sum(count for count, _ in pairs) < total:
        return 0.0
    if len(pairs) == 1:
        return 1.0
    statistic = sum((count - want) ** 2 / want for count, want in pairs)
    freedom = torch.tensor((len(pairs) - 1) / 2, dtype=torch.float64)
    half = torch.tensor(statistic / 2, dtype=torch.float64)
    return float(torch.special.gammaincc(freedom, half))
