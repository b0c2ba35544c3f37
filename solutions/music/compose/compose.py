"""Write a tune with a language model: soften, filter and draw, with masks that keep the rules."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import one_hot

# Given. Ids that are no notes: the end, a bar line |, and the signs |: and :| around a repeat.
END, BAR, OPEN, CLOSE = 0, 1, 2, 3
# Given. The steps of each mode, in semitones above the tonic.
STEPS = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}


def probabilities(logits: Tensor, temperature: float) -> Tensor:
    """Turn logits into probabilities under a temperature.

        p = softmax(logits / temperature)

    Args:
        logits: (N, V), float32 or float64. An entry may be -inf, and each row has a finite one.
        temperature: at least 0. At 0 the largest logit has all the mass, the first among equals.

    Returns:
        (N, V) in the dtype of logits; each row sums to 1.

    Raises:
        ValueError: temperature is below 0, or nan.
    """
    if not temperature >= 0:
        raise ValueError(f"temperature {temperature} is not at least 0")
    if temperature == 0:
        return one_hot(logits.argmax(dim=1), logits.shape[1]).to(logits.dtype)
    # The largest logit becomes 0 first, so that nothing overflows at small temperatures.
    shifted = logits - logits.amax(dim=1, keepdim=True)
    return (shifted / temperature).softmax(dim=1)


def nucleus(p: Tensor, mass: float) -> Tensor:
    """Keep the most probable entries of each row, as few as reach a mass together.

    Args:
        p: (N, V) probabilities, float32 or float64.
        mass: above 0, at most 1.

    Returns:
        (N, V) in the dtype of p: the smallest set of most probable entries whose sum is at least
        `mass`, scaled to sum to 1, and 0 elsewhere. Among equal entries the one with the smaller id
        is kept first.

    Raises:
        ValueError: mass is not above 0 and at most 1.

    Source: Holtzman, Buys, Du, Forbes, Choi (2020), section 3.1.
    """
    if not 0 < mass <= 1:
        raise ValueError(f"mass {mass} is not above 0 and at most 1")
    falling, order = p.sort(dim=1, descending=True, stable=True)
    before = falling.cumsum(dim=1) - falling
    kept = torch.zeros_like(p).scatter(1, order, torch.where(before < mass, falling, 0.0))
    return kept / kept.sum(dim=1, keepdim=True)


def draw(p: Tensor) -> Tensor:
    """Draw an id from each row, with torch's global generator.

    Args:
        p: (N, V) probabilities, float32 or float64.

    Returns:
        (N,) int64. Rows are drawn independently of each other.
    """
    return torch.multinomial(p, 1)[:, 0]


def scale(pitches: Tensor, tonic: int, mode: str) -> Tensor:
    """Tell which ids stay in a key.

    Args:
        pitches: (V,) int64: MIDI numbers (60 is a C, 61 is a C sharp), -1 where an id is no note.
        tonic: 0 (C) to 11 (B).
        mode: a name of STEPS.

    Returns:
        (V,) bool: True for notes of the key in any octave, and for ids that are no notes.

    Raises:
        ValueError: STEPS has no such mode.
    """
    if mode not in STEPS:
        raise ValueError(f"no mode {mode!r}; there are {', '.join(STEPS)}")
    steps = torch.tensor(STEPS[mode])
    return (pitches < 0) | torch.isin((pitches - tonic) % 12, steps)


def follow(tokens: Sequence[int], durations: Tensor, bar: int) -> tuple[int, int, bool]:
    """Read the beginning of a tune, and tell where it stands.

    Args:
        tokens: ids.
        durations: (V,) int64: the length of each note; 0 for the four ids that are no notes.
        bar: the length of a bar.

    Returns:
        (filled, bars, opened): the length of the notes since the last bar line, the number of bars
        that a bar line has ended, and whether a repeat is open. |: and :| are bar lines too.

    Raises:
        ValueError: a token breaks a rule of the task. The message holds its position, from 0.
    """
    filled, bars, opened = 0, 0, False
    ended = False
    for position, token in enumerate(tokens):
        full = filled == bar
        fits = {
            END: filled == 0 and bars > 0 and not opened,
            BAR: full,
            OPEN: (full or filled == 0) and not opened,
            CLOSE: full and opened,
        }
        if ended or not fits.get(token, filled + int(durations[token]) <= bar):
            raise ValueError(f"token {token} cannot stand at position {position}")
        if token in (BAR, OPEN, CLOSE):
            bars += full
            filled = 0
            opened = token == OPEN or (opened and token == BAR)
        ended = token == END
        filled += int(durations[token])
    return filled, bars, opened


def legal(
    filled: int,
    bars: int,
    opened: bool,
    durations: Tensor,
    allowed: Tensor,
    bar: int,
    most: int,
) -> Tensor:
    """Tell which ids can come next, so that the tune can still be finished by the rules.

    Args:
        filled: the length of the notes since the last bar line, 0 to bar.
        bars: the number of bars that a bar line has ended.
        opened: whether a repeat is open.
        durations: (V,) int64: the length of each note; 0 for the four ids that are no notes.
        allowed: (V,) bool: notes that may be used. Its first four entries do not count.
        bar: the length of a bar.
        most: the number of bars that a tune may have, at most.

    Returns:
        (V,) bool.
    """
    lengths = {int(d) for d in durations[4:][allowed[4:]]}
    fillable = [True]  # whether notes can fill a gap of 0, 1, ... units
    for gap in range(1, bar + 1):
        fillable.append(any(length <= gap and fillable[gap - length] for length in lengths))
    full = filled == bar
    left = most - bars - full
    mask = torch.zeros_like(allowed)
    mask[END] = filled == 0 and bars > 0 and not opened
    mask[BAR] = full and (left > 0 and fillable[bar] if opened else left >= 0)
    mask[OPEN] = (full or filled == 0) and not opened and left > 0 and fillable[bar]
    mask[CLOSE] = full and opened and left >= 0
    if bars < most:
        for token in range(4, len(mask)):
            gap = bar - filled - int(durations[token])
            mask[token] = bool(allowed[token]) and gap >= 0 and fillable[gap]
    return mask


def generate(
    table: Tensor,
    durations: Tensor,
    allowed: Tensor,
    prompts: Sequence[Sequence[int]],
    bar: int,
    most: int,
    temperature: float,
    mass: float,
) -> list[list[int]]:
    """Go on from each prompt until the tune has ended.

    Args:
        table: (V, V, V) logits: row [a, b] is for the token behind a and b. In front of a tune
            stand two END.
        durations: (V,) int64: the length of each note; 0 for the four ids that are no notes.
        allowed: (V,) bool: notes that may be used.
        prompts: for each tune the ids that it begins with; may be none.
        bar: the length of a bar.
        most: the number of bars that a tune may have, at most.
        temperature: of the probabilities, at least 0.
        mass: of the nucleus, above 0, at most 1.

    Returns:
        The ids of the whole tunes, in the order of the prompts: the prompt first, END last.

    Raises:
        ValueError: a prompt breaks a rule, or cannot be finished.
    """
    tunes = []
    for prompt in prompts:
        tune = list(prompt)
        state = follow(tune, durations, bar)
        while tune[-1:] != [END]:
            mask = legal(*state, durations, allowed, bar, most)
            if not bool(mask.any()):
                raise ValueError(f"the tune {tune} cannot be finished in {most} bars")
            before, last = [END, END, *tune][-2:]
            logits = torch.where(mask, table[before, last], -math.inf)
            p = nucleus(probabilities(logits[None], temperature), mass)
            tune.append(int(draw(p)))
            state = follow(tune, durations, bar)
        tunes.append(tune)
    return tunes


def longest_copy(tune: Sequence[int], corpus: Sequence[Sequence[int]]) -> int:
    """Measure how long a part of a tune is copied.

    Args:
        tune: ids.
        corpus: tunes.

    Returns:
        The length of the longest run of neighbouring ids of the tune that is also a run of one of
        the tunes of the corpus.
    """
    longest = 0
    for other in corpus:
        runs = [0] * (len(other) + 1)  # of the runs that end at the token before
        for token in tune:
            runs = [0, *(runs[k] + 1 if token == other[k] else 0 for k in range(len(other)))]
            longest = max(longest, *runs)
    return longest


def compose(
    table: Tensor,
    durations: Tensor,
    allowed: Tensor,
    corpus: Sequence[Sequence[int]],
    prompt: Sequence[int],
    bar: int,
    most: int,
    temperature: float,
    mass: float,
    longest: int,
    tries: int,
) -> list[int]:
    """Generate tunes, and give one that is no copy.

    Args:
        table: (V, V, V) logits, as for `generate`.
        durations: (V,) int64: the length of each note.
        allowed: (V,) bool: notes that may be used.
        corpus: the tunes that the model has learnt from.
        prompt: ids that the tune begins with; may be empty.
        bar: the length of a bar.
        most: the number of bars that a tune may have, at most.
        temperature: at least 0.
        mass: of the nucleus, above 0, at most 1.
        longest: the longest copy that is tolerated.
        tries: how many tunes to generate at most, at least 1.

    Returns:
        A tune whose longest copy is at most `longest`, if there is one among `tries` tunes; else
        the one of them with the shortest copy.
    """
    found: list[tuple[int, list[int]]] = []
    for _ in range(tries):
        [tune] = generate(table, durations, allowed, [prompt], bar, most, temperature, mass)
        found.append((longest_copy(tune, corpus), tune))
        if found[-1][0] <= longest:
            return tune
    return min(found, key=lambda one: one[0])[1]
