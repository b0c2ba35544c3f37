"""Write a tune with a language model: soften, filter and draw, with masks that keep the rules."""

from collections.abc import Sequence

from torch import Tensor

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
    raise NotImplementedError


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
    raise NotImplementedError


def draw(p: Tensor) -> Tensor:
    """Draw an id from each row, with torch's global generator.

    Args:
        p: (N, V) probabilities, float32 or float64.

    Returns:
        (N,) int64. Rows are drawn independently of each other.
    """
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


def longest_copy(tune: Sequence[int], corpus: Sequence[Sequence[int]]) -> int:
    """Measure how long a part of a tune is copied.

    Args:
        tune: ids.
        corpus: tunes.

    Returns:
        The length of the longest run of neighbouring ids of the tune that is also a run of one of
        the tunes of the corpus.
    """
    raise NotImplementedError


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
    raise NotImplementedError
