"""Checks of `compose`: numbers against exact ones, rules against a search through every tune.

The judge's own rules are those of one step. What can still be finished, and with which probability
a tune is drawn, follows from them by trying everything out.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    CheckFailed,
    CheckLimits,
    Source,
    Submission,
    check,
    expect,
    expect_call_changes_nothing,
    expect_error,
    expect_true,
    observe,
    sizes,
    sources,
)
from grader.checks.bars import BAR, CLOSE, END, OPEN, START, Bars, odds
from grader.checks.words import added_in_softmax
from grader.data.tunes import longest_copy

UNLIKELY = 1e-8
"""A right answer looks as odd as this once in a hundred million times."""
MANY = CheckLimits(check_s=30, call_s=15)
"""For calls that ask for hundreds of tunes, which takes a fraction of a second."""


@st.composite
def worlds(draw: st.DrawFn, *, most: int = 3, banned: bool = True) -> Bars:
    """Three to five notes of different lengths; often one, or all of one length, are out."""
    count = draw(sizes(3, 5))
    lengths = draw(st.sampled_from([(2, 3), (2, 3), (3, 4), (2, 3, 4), (1, 2), (1, 2, 3)]))
    durations = [draw(st.sampled_from(lengths)) for _ in range(count)]
    out = draw(st.sampled_from(["nothing", "a note", "a length"])) if banned else "nothing"
    banned_length = draw(st.sampled_from(lengths)) if out == "a length" else 0
    allowed = [duration != banned_length for duration in durations]
    allowed[0] = allowed[0] and out != "a note"
    bar = draw(sizes(2, 6))
    return Bars((0, 0, 0, 0, *durations), (True,) * 4 + (*allowed,), bar, draw(sizes(1, most)))


ROWS = {"n": sizes(1, 3), "v": sizes(2, 5)}
TEMPERATURES = (0.1, 0.5, 1.0, 2.0, 10.0)


@check(points=1, examples=6)
@given(source=sources(), **ROWS)
def divides_by_the_temperature(submission: Submission, source: Source, n: int, v: int) -> None:
    """The probabilities are the softmax of logits / temperature; -inf gives exactly 0."""
    drawn = source.normal(n, v)
    drawn[0, 0] = -math.inf
    for logits in (drawn, drawn.double()):  # float32 doesn't show a small number that is added
        answers = [submission["probabilities"](logits, each) for each in TEMPERATURES]
        for temperature, got in zip(TEMPERATURES, answers, strict=True):
            name, terms = f"p at temperature {temperature}", 40 / temperature
            want = (logits.double() / temperature).softmax(dim=1)
            observe("a small number is added", added_in_softmax(got, logits, temperature))
            expect(got, want, name=name, dtype=logits.dtype, terms=terms, dims=("row", "id"))
            expect_true(float(got[0, 0]) == 0, "A logit of -inf has a probability above 0.")


@check(points=1, after=divides_by_the_temperature, examples=12)
@given(
    source=sources(),
    temperature=st.sampled_from([0.0, 1e-30, 1e-6]),
    size=st.sampled_from([1.0, 1000.0]),
    **ROWS,
)
def becomes_the_argmax(
    submission: Submission, source: Source, temperature: float, size: float, n: int, v: int
) -> None:
    """At temperature 0 the first of the largest logits has all the mass; near 0, the largest."""
    logits = source.normal(n, v, scale=size)
    best = logits.argmax(dim=1)
    if temperature == 0:
        logits[:, -1] = logits.amax(dim=1)
    else:
        logits[torch.arange(n), best] += 5.0
    want = torch.zeros(n, v, dtype=torch.float64)
    want[torch.arange(n), best] = 1.0
    got = submission["probabilities"](logits, temperature)
    expect(got, want, name="p", dtype=source.dtype, dims=("row", "id"))


IMPOSSIBLE = {"probabilities": (-1.0, -1e-9, math.nan), "nucleus": (0.0, -0.5, 1.5, math.nan)}


@check(points=1, examples=2)
@given(source=sources())
def refuses_impossible_numbers(submission: Submission, source: Source) -> None:
    """A temperature below 0 or nan, and a mass of 0, above 1 or nan, raise ValueError."""
    p = source.normal(2, 3).softmax(dim=1)
    for name, values in IMPOSSIBLE.items():
        what = "temperature" if name == "probabilities" else "mass"
        for value in values:
            when = f"the {what} is {value}"
            expect_error(submission[name], p, value, type="ValueError", when=when)


MASSES = (0.05, 0.3, 0.51, 0.77, 0.93, 1.0)


@check(points=2, examples=10)
@given(
    source=sources(),
    weights=st.lists(st.sampled_from([0, 1, 1, 2, 4, 8, 16]), min_size=2, max_size=5),
)
def keeps_the_nucleus(submission: Submission, source: Source, weights: list[int]) -> None:
    """The fewest most probable entries that reach the mass are kept, and sum to 1 again."""
    rows = [weights[::-1] if any(weights) else [*weights[1:], 1], [3, *weights[1:]]]
    p = torch.tensor(rows, dtype=torch.float64)
    p = p / p.sum(dim=1, keepdim=True)
    answers = [submission["nucleus"](p.to(source.dtype), mass) for mass in MASSES]
    for mass, got in zip(MASSES, answers, strict=True):
        want = torch.zeros_like(p)
        for row, kept in zip(p, want, strict=True):
            for place in sorted(range(len(weights)), key=lambda k: (-float(row[k]), k)):
                if float(kept.sum()) < mass - 1e-9:
                    kept[place] = row[place]
            kept /= kept.sum().clone()
        expect(got, want, name=f"p with mass {mass}", dtype=source.dtype, dims=("row", "id"))
    halves = torch.tensor([[0.125, 0.5, 0.125, 0.25]], dtype=source.dtype)  # sums are exact
    for enough, kept in (
        (0.5, [0, 1, 0, 0]),
        (0.75, [0, 2 / 3, 0, 1 / 3]),
        (0.8, [1 / 7, 4 / 7, 0, 2 / 7]),  # of two equal ones the first
        (1.0, [0.125, 0.5, 0.125, 0.25]),
    ):
        got = submission["nucleus"](halves, enough)
        expect(
            got,
            torch.tensor([kept], dtype=torch.float64),
            name=f"p with mass {enough}",
            dtype=source.dtype,
        )


@check(points=2, examples=3)
@given(source=sources(), seed=sizes(0, 999))
def draws_with_these_probabilities(submission: Submission, source: Source, seed: int) -> None:
    """Each row is drawn by itself with its probabilities, from torch's global generator."""
    shares = torch.tensor([[0.5, 0.3, 0.0, 0.15, 0.05], [0.1, 0.0, 0.6, 0.1, 0.2]])
    rows, many = shares.double().to(source.dtype), 1500
    got = submission["draw"].seeded(seed, rows.repeat(many, 1))
    expect(got, torch.zeros(2 * many, dtype=torch.int64), name="the ids", values=False)
    one = submission["draw"].seeded(seed, rows[:1])
    expect(one, torch.zeros(1, dtype=torch.int64), name="the id of one row", values=False)
    again = submission["draw"].seeded(seed, rows.repeat(many, 1))
    other = submission["draw"].seeded(seed + 1, rows.repeat(many, 1))
    counts = [torch.bincount(got[row::2].clamp(0, 5), minlength=6).tolist() for row in (0, 1)]
    likely = [odds(count, [*row, 0.0]) for count, row in zip(counts, rows.tolist(), strict=True)]
    kinds = [sum(1 for one in count if one) for count in counts]
    repeats = isinstance(again, Tensor) and torch.equal(got, again)
    fresh = isinstance(other, Tensor) and not torch.equal(got, other)
    even = [max(count) - min(one for one in count if one) < 150 for count in counts]
    observe("as likely as should be", min(likely) > UNLIKELY)
    observe("different ids", str(kinds))
    observe("all ids alike", str(even))
    observe("an impossible id", bool(counts[0][2] or counts[1][1] or counts[0][5]))
    observe("the seed counts", str((repeats, fresh)))
    shown = f"{counts[0][:5]} and {counts[1][:5]} of {many}"
    expect_true(
        min(likely) > UNLIKELY,
        f"The ids come {shown} times, which probabilities of {rows.tolist()} do not give.",
        expected=str([[round(share * many) for share in row] for row in rows.tolist()]),
        got=str([count[:5] for count in counts]),
    )
    expect_true(repeats, "The same seed of torch gives other ids the second time.")
    expect_true(fresh, "Another seed of torch gives the same ids.")


NAMES = {
    "major": "W W H W W W H",
    "minor": "W H W W H W W",
    "dorian": "W H W W W H W",
    "mixolydian": "W W H W W H W",
}
"""Whole and half tones from each note to the next."""


@check(points=1, examples=8)
@given(source=sources(torch.float64), tonic=sizes(0, 11))
def holds_the_scale(submission: Submission, source: Source, tonic: int) -> None:
    """Notes of the key are allowed in every octave, others are not, and what is no note is."""
    pitches = source.integers(30, low=21, high=109)
    pitches[:4] = -1
    pitches[4:16] = torch.arange(60, 72)
    pitches[16:19] = torch.tensor([0, 1, 127])  # the lowest and the highest are notes too
    for mode, moves in NAMES.items():
        notes, inside = tonic, set()
        for move in moves.split():
            inside.add(notes % 12)
            notes += 2 if move == "W" else 1
        want = torch.tensor([pitch < 0 or pitch % 12 in inside for pitch in pitches.tolist()])
        got = submission["scale"](pitches, tonic, mode)
        expect(got, want, name="the ids of the key", dtype=torch.bool, dims=("id",))
    got = submission["scale"](torch.tensor([-1, 59, 60]), 0, "minor")  # 59 is a B, as -1 would be
    expect(got, torch.tensor([True, False, True]), name="the ids of C minor", dtype=torch.bool)


@check(points=1, after=holds_the_scale)
def refuses_unknown_modes(submission: Submission) -> None:
    """A mode that is not in STEPS raises ValueError."""
    pitches = torch.arange(60, 72)
    expect_error(
        submission["scale"], pitches, 0, "blues", type="ValueError", when="the mode is 'blues'"
    )


@st.composite
def beginnings(draw: st.DrawFn) -> tuple[Bars, list[int]]:
    """Rules, and the beginning of a tune that keeps them."""
    world = draw(worlds(banned=False))
    tune: list[int] = [OPEN] if draw(st.booleans()) and OPEN in world.usable(START) else []
    state = world.stands(tune) or START
    for _ in range(draw(sizes(0, 9))):
        choices = [token for token in world.usable(state) if token != END]
        if not choices:
            break
        line = [BAR] if BAR in choices and draw(st.booleans()) else choices
        tune.append(draw(st.sampled_from(line)))
        state = world.step(state, tune[-1]) or state
    return world, tune


SMALL = Bars((0, 0, 0, 0, 1, 2, 1), (True,) * 7, 2, 1)
"""Bars of 2, with notes 4, 5 and 6 of 1, 2 and 1. With one bar at most there are ten tunes."""
SIGNS = ([4, 6, OPEN, 4], [5, BAR, OPEN, 5, CLOSE, OPEN, 4, 6, BAR, 5, CLOSE, END])
"""Tunes of these rules, with |: behind a full bar and behind an empty one."""


@check(points=1, examples=25)
@given(case=beginnings(), ends=st.booleans())
def tells_where_a_tune_stands(
    submission: Submission, case: tuple[Bars, list[int]], ends: bool
) -> None:
    """A beginning gives the length since its last bar line, its bars, and an open repeat."""
    world, tune = case
    state = world.stands(tune)
    if ends and state and world.step(state, END):
        tune = [*tune, END]
    durations, _ = world.tensors()
    got = submission["follow"](tune, durations, world.bar)
    expect(got, state, name="(filled, bars, opened)")
    durations, _ = SMALL.tensors()
    for tune in SIGNS:
        got = submission["follow"](tune, durations, SMALL.bar)
        expect(got, SMALL.stands(tune), name=f"(filled, bars, opened) behind {tune}")


BROKEN = (
    *([4, 5], [OPEN, 5, 6]),  # too long
    *([4, BAR], [OPEN, 4, CLOSE], [4, OPEN], [OPEN, BAR], [BAR]),  # too short
    *([OPEN, CLOSE], [OPEN, 5, BAR, CLOSE], [5, BAR, BAR]),  # an empty bar
    *([5, CLOSE], [OPEN, 5, OPEN], [OPEN, OPEN]),  # signs that do not match
    *([5, END], [4, END], [OPEN, 5, BAR, END], [OPEN, END]),  # too early an end
    *([5, BAR, END, 4], [5, BAR, END, END]),  # behind the end
)
"""Tunes by the rules of SMALL that break one with their last id."""


@check(points=2, after=tells_where_a_tune_stands)
def names_what_breaks_a_rule(submission: Submission) -> None:
    """A token that breaks a rule raises ValueError, and the message holds its position."""
    durations, _ = SMALL.tensors()
    begun: tuple[list[int], ...] = ([], [5, BAR], [4, 6, BAR, 5, OPEN, 5, CLOSE])
    tunes = [[*before, *broken] for before in begun for broken in BROKEN]
    for number, tune in enumerate((*tunes, [END])):
        expect_error(
            submission["follow"],
            [*tune, *((BAR, 4) if number % 2 else ())],
            durations,
            SMALL.bar,
            type="ValueError",
            says=(len(tune) - 1,),
            when=f"the bar is 2, the notes 4, 5, 6 have lengths 1, 2, 1, and token {tune[-1]} "
            f"stands behind {tune[:-1]}",
        )


@check(points=3, after=tells_where_a_tune_stands, examples=60)
@given(world=worlds(), filled=sizes(0, 6), bars=sizes(0, 3), opened=st.booleans())
def allows_what_can_be_finished(
    submission: Submission, world: Bars, filled: int, bars: int, opened: bool
) -> None:
    """The mask is True for those ids after which a tune can still be finished by the rules."""
    filled, last = filled % (world.bar + 1), world.most - 1
    silent = replace(world, allowed=tuple(token < 4 for token in range(len(world.durations))))
    for rules, state in (
        (world, (filled, bars % world.most, opened)),
        (world, (world.bar, last, opened)),
        (world, (filled, last, True)),
        (world, (world.bar, 0, True)),
        (silent, (world.bar, 0, opened)),  # a prompt has filled the bar, and no other can be filled
        (world, (0, world.most, opened)),  # no bar is left
        (Bars((0, 0, 0, 0, 2), (True,) * 5, 6, 2), (filled % 2, 0, opened)),  # one note, used often
    ):
        right = rules.usable(state)
        want = torch.tensor([token in right for token in range(len(rules.durations))])
        durations, allowed = rules.tensors()
        # The first four entries of `allowed` do not count.
        for notes in (allowed, allowed & (durations > 0)):
            got = submission["legal"](*state, durations, notes, rules.bar, rules.most)
            expect(got, want, name="legal", dtype=torch.bool, dims=("id",))


@st.composite
def tasks(draw: st.DrawFn) -> tuple[Bars, Tensor, list[int]]:
    """Rules under which there are tunes, a table of logits, and a prompt."""
    world = draw(worlds(most=3).filter(lambda world: bool(world.usable(START))))
    source, size = draw(sources()), len(world.durations)
    table = source.normal(size, size, size, scale=draw(st.sampled_from([1.5, 1000.0])))
    table[:, :, END] += 1.0
    prompt: list[int] = []
    state = START
    for _ in range(draw(sizes(0, 4))):
        choices = [token for token in world.usable(state) if token != END]
        if choices:
            prompt.append(draw(st.sampled_from(choices)))
            state = world.step(state, prompt[-1]) or state
    return world, table, prompt


def next_shares(
    world: Bars, table: Tensor, tune: Sequence[int], temperature: float, mass: float
) -> dict[int, float]:
    """The probability of each next token of a tune."""
    a, b = [END, END, *tune][-2:]
    choices = world.usable(world.stands(tune) or START)
    logits = {token: float(table[a, b, token]) for token in choices}
    top = max(logits.values())
    ranked = sorted(choices, key=lambda token: (-logits[token], token))
    if temperature == 0:
        return {ranked[0]: 1.0}
    weights = {token: math.exp((logits[token] - top) / temperature) for token in ranked}
    total, kept, reached = sum(weights.values()), [], 0.0
    for token in ranked:
        if reached < mass * total * (1 - 1e-12):
            kept.append(token)
            reached += weights[token]
    return {token: weights[token] / reached for token in kept}


@check(
    points=2,
    after=(becomes_the_argmax, keeps_the_nucleus, allows_what_can_be_finished),
    examples=18,
)
@given(task=tasks())
def follows_the_table_when_cold(
    submission: Submission, task: tuple[Bars, Tensor, list[int]]
) -> None:
    """At temperature 0, each token is the most probable one of those that are legal."""
    world, table, prompt = task
    rest = (world.bar, world.most, 0.0, 0.9)
    begun = prompt or [min(token for token in world.usable(START) if token > BAR)]
    got = submission["generate"](table, *world.tensors(), [[], begun], *rest)
    want: list[int] = []
    wanted = []
    for first in ([], begun):
        want = list(first)
        while not want or want[-1] != END:
            want += next_shares(world, table, want, 0.0, 1.0)
        wanted.append(want)
    for without, others in (
        ("END", [tune[:-1] for tune in wanted]),
        ("their prompts", [wanted[0], wanted[1][len(begun) :]]),
    ):
        if got == others:
            observe("the tunes are right, without", without)
            raise CheckFailed(f"The tunes are right, but come without {without}.", got=str(got))
    for place, first in enumerate(([], begun)):
        name = f"the tune with the prompt {first}"
        expect(one_tune(got, place, 2), tuple(wanted[place]), name=name)
    got = submission["generate"](table, *world.tensors(), [want], *rest)
    expect(one_tune(got), tuple(want), name="the tune where the prompt is a whole one")
    # Note 5 fills the bar of SMALL. It is not allowed here, and a prompt may use it.
    rules = replace(SMALL, allowed=tuple(token != 5 for token in range(7)))
    got = submission["generate"](torch.zeros(7, 7, 7), *rules.tensors(), [[5]], 2, 1, 0.0, 0.9)
    expect(one_tune(got), (5, BAR, END), name="the tune behind a note that is not allowed")


def one_tune(answer: object, at: int = 0, count: int = 1) -> list[int]:
    """One of so many tunes.

    Raises:
        CheckFailed: the answer is no list of so many lists of ids.
    """
    fine = isinstance(answer, list) and len(answer) == count
    tune = answer[at] if isinstance(answer, list) and fine else None
    if not isinstance(tune, list) or not all(type(token) is int for token in tune):
        raise CheckFailed(
            f"generate gives no list of {count} tunes, each a list of ids.",
            expected=f"{count} lists of int",
            got=str(answer)[:200],
        )
    return tune


def expect_tune(world: Bars, tune: list[int], prompt: Sequence[int]) -> None:
    """Hold that a tune begins with its prompt, keeps the rules and ends."""
    state = world.stands(tune)
    begins, ends = tune[: len(prompt)] == list(prompt), tune[-1:] == [END]
    banned = state and [t for t in tune[len(prompt) :] if not world.allowed[t]]
    few = state is None or state[1] <= world.most
    observe("begins with the prompt", begins)
    observe("keeps the rules", state is not None)
    observe("ends with END", ends)
    observe("has few enough bars", few)
    observe("uses what is allowed", not banned)
    shown = f"The tune {tune} with the prompt {list(prompt)}"
    expect_true(begins, f"{shown} does not begin with it.", got=str(tune))
    rules = f"bar {world.bar}, lengths {list(world.durations)}"
    expect_true(state is not None, f"{shown} breaks a rule ({rules}).", got=str(tune))
    expect_true(ends, f"{shown} does not end with END.", got=str(tune))
    expect_true(few, f"{shown} has more than {world.most} bars.", got=str(tune))
    expect_true(not banned, f"{shown} has the notes {banned}, which are not allowed.")


@check(points=2, after=follows_the_table_when_cold, examples=15)
@given(task=tasks(), seed=sizes(0, 999))
def keeps_prompt_bars_and_repeats(
    submission: Submission, task: tuple[Bars, Tensor, list[int]], seed: int
) -> None:
    """A tune keeps its prompt and every rule, and ends with END after at most `most` bars."""
    world, table, prompt = task
    first = min(token for token in world.usable(START) if token > OPEN)
    prompts = [prompt, [], [first], prompt]
    rest = (prompts, world.bar, world.most, 1.5, 1.0)
    got = submission["generate"].seeded(seed, table, *world.tensors(), *rest)
    for place, begun in enumerate(prompts):
        expect_tune(world, one_tune(got, place, len(prompts)), begun)


def every_tune(
    world: Bars, table: Tensor, prompt: Sequence[int], temperature: float, mass: float
) -> dict[tuple[int, ...], float]:
    """All tunes that can be drawn, with their exact probabilities."""
    found: dict[tuple[int, ...], float] = {}
    open_ends = {tuple(prompt): 1.0}
    while open_ends:
        tune, p = open_ends.popitem()
        for token, share in next_shares(world, table, tune, temperature, mass).items():
            (found if token == END else open_ends)[(*tune, token)] = p * share
    return found


def likely_as(counts: Counter[tuple[int, ...]], exact: dict[tuple[int, ...], float]) -> float:
    """How likely it is that tunes come that often."""
    tries = counts.total()
    common = [tune for tune, share in exact.items() if share * tries >= 4]
    rare = [tune for tune in exact if tune not in common]
    odd = [tune for tune in counts if tune not in exact]
    groups = [*([tune] for tune in common), rare, odd]
    return odds(
        [sum(counts[tune] for tune in group) for group in groups],
        [sum(exact.get(tune, 0.0) for tune in group) for group in groups],
    )


WAYS = ((0.5, 0.9), (2.0, 0.8), (1.0, 0.6))
"""Temperature and mass, each of which shows other mistakes."""


@check(points=3, after=follows_the_table_when_cold, examples=2, limits=MANY)
@given(
    source=sources(torch.float64),
    first=sizes(0, 1),
    seed=sizes(0, 999),
)
def draws_tunes_with_their_probabilities(
    submission: Submission, source: Source, first: int, seed: int
) -> None:
    """Each tune comes as often as temperature, nucleus and rules make it likely."""
    table, tries = source.normal(7, 7, 7, scale=1.5), 150
    table[:, :, :4] += 1.5  # what is mostly illegal is likely
    for number, how in enumerate(WAYS, first):
        prompt = [OPEN] * (number % 2)
        exact = every_tune(SMALL, table, prompt, *how)
        rest = [table, *SMALL.tensors(), [prompt] * tries, SMALL.bar, SMALL.most, *how]
        drawn = submission["generate"].seeded(seed, *rest)
        counts = Counter(tuple(one_tune(drawn, place, tries)) for place in range(tries))
        likely = likely_as(counts, exact)
        as_warm = likely_as(counts, every_tune(SMALL, table, prompt, 1.0, how[1]))
        observe("as likely as at temperature 1", as_warm > UNLIKELY)
        observe("as likely as should be", likely > UNLIKELY)
        observe("impossible tunes", any(tune not in exact for tune in counts))
        observe("always the same", len(counts) == 1)
        shown = ", ".join(f"{list(tune)} {count}" for tune, count in counts.most_common(4))
        wanted = sorted(exact, key=lambda tune: -exact[tune])[:4]
        expect_true(
            likely > UNLIKELY,
            f"Of {tries} tunes at temperature {how[0]} and mass {how[1]} with the prompt {prompt}, "
            f"the most frequent are {shown}: they should not come so often.",
            expected=", ".join(f"{list(tune)} {exact[tune] * tries:.0f}" for tune in wanted),
            got=shown,
        )


WITHOUT_AN_END = (
    *([4, BAR], [CLOSE], [OPEN, 5, BAR], [5, BAR, 4], [5, BAR, END, 4]),
    *([4, END], [END]),  # an END does not make a tune of what breaks a rule
)


@check(points=1, after=follows_the_table_when_cold)
def refuses_prompts_without_an_end(submission: Submission) -> None:
    """A prompt that breaks a rule, or cannot be finished in so many bars, raises ValueError."""
    table = torch.zeros(7, 7, 7)
    for broken in WITHOUT_AN_END:
        expect_error(
            submission["generate"],
            table,
            *SMALL.tensors(),
            [[5], broken],
            SMALL.bar,
            SMALL.most,
            1.0,
            1.0,
            type="ValueError",
            when=f"a bar is 2, a tune has one bar at most, and the prompt is {broken}",
        )


RUNS = st.lists(st.sampled_from([0, 1, 2, 11, 12, 21]), min_size=3, max_size=8)
FEW = (
    ([1, 2, 3], [[9, 2, 9]], 1),
    ([1, 2, 3], [[4, 5]], 0),
    ([1, 2, 3], [], 0),
    ([1, 12], [[11, 2]], 0),
    ([5, 1, 2], [[7, 1, 2]], 2),
    ([1, 2, 5], [[1, 2, 7]], 2),
)
"""Tunes, corpora, and their longest copies."""


@check(points=1, examples=15)
@given(tune=RUNS, corpus=st.lists(RUNS, max_size=2), cut=sizes(1, 2))
def measures_the_longest_copy(
    submission: Submission, tune: list[int], corpus: list[list[int]], cut: int
) -> None:
    """The longest copy is the longest run that a tune shares with one tune of the corpus."""
    begun, rest = tune[:cut], tune[cut:]
    inserted, cut_up = [*corpus, [*begun, 6, *rest]], [*corpus, begun, [*rest, 7]]
    # The longest copy may be from the first tune of the corpus, the last, or one between.
    each = [inserted, cut_up, [*cut_up[::-1], [8, 9]]]
    for one, others, want in (*((tune, some, longest_copy(tune, some)) for some in each), *FEW):
        got = submission["longest_copy"](one, others)
        expect(got, want, name=f"the longest copy of {one}")


@check(points=1, after=keeps_prompt_bars_and_repeats, examples=6)
@given(task=tasks(), source=sources())
def leaves_inputs_unchanged(
    submission: Submission, task: tuple[Bars, Tensor, list[int]], source: Source
) -> None:
    """The calls do not modify their arguments."""
    world, table, prompt = task
    p = {"p": source.normal(2, 4).softmax(dim=1)}
    durations, allowed = world.tensors()
    # The first four entries do not count, and what is done to them is seen here.
    rules = {"durations": durations, "allowed": allowed & (durations > 0)}
    ends = {"bar": world.bar, "most": world.most}
    state = zip(("filled", "bars", "opened"), world.stands(prompt) or START, strict=True)
    how, corpus = {"temperature": 0.0, "mass": 0.9}, [[5, BAR, END], [*prompt]]
    for name, arguments in (
        ("probabilities", p | {"temperature": 0.5}),
        ("nucleus", p | {"mass": 0.7}),
        ("draw", p),
        ("scale", {"pitches": torch.tensor([-1, -1, 59, 60]), "tonic": 2, "mode": "minor"}),
        ("follow", {"tokens": prompt, "durations": durations, "bar": world.bar}),
        ("legal", {**dict(state), **rules, **ends}),
        ("generate", {"table": table, **rules, "prompts": [prompt, []], **ends, **how}),
        ("longest_copy", {"tune": prompt, "corpus": corpus}),
        (
            "compose",
            {"table": table, **rules, "corpus": corpus, "prompt": prompt, **ends, **how}
            | {"longest": 99, "tries": 2},
        ),
    ):
        named = {f"{part} of {name}": value for part, value in arguments.items()}
        expect_call_changes_nothing(submission[name], named)


@check(
    points=2,
    after=(
        measures_the_longest_copy,
        leaves_inputs_unchanged,
        draws_tunes_with_their_probabilities,
    ),
    examples=4,
    limits=MANY,
)
@given(source=sources(torch.float64), seed=sizes(0, 999))
def writes_no_copies(submission: Submission, source: Source, seed: int) -> None:
    """The answer has no copy longer than `longest`, or the shortest one that there was."""
    world, tries = Bars((0, 0, 0, 0, 1, 2, 1), (True,) * 7, 4, 1), 60
    table, prompts = source.normal(7, 7, 7), [[OPEN, 4]] * 2
    rules = (world.bar, world.most, 1.0, 1.0)
    drawn = submission["generate"].seeded(seed, table, *world.tensors(), prompts[:1], *rules)
    other = submission["generate"].seeded(seed + 1, table, *world.tensors(), prompts, *rules)
    first = one_tune(drawn)
    corpus = [first, one_tune(other, 1, 2)]
    once = (table, *world.tensors(), corpus, prompts[0], *rules, 0, 1)
    tune = one_tune([submission["compose"].seeded(seed, *once)])
    observe("is the one that was drawn", tune == first)
    expect_true(tune == first, "With one try, the answer is not the tune that was drawn.")
    shares: Counter[int] = Counter()
    for one, share in every_tune(world, table, prompts[0], 1.0, 1.0).items():
        shares[longest_copy(one, corpus)] += share
    sizes_in_order = sorted(shares)
    sure = next(
        (
            size
            for size in sizes_in_order
            if sum(shares[k] for k in shares if k > size) ** tries < UNLIKELY
        ),
        sizes_in_order[-1],
    )
    # With these two, every third tune copies 2 tokens, and the others copy the prompt and more.
    copied_from = [[OPEN, 4, 4, 5, CLOSE, END], [OPEN, 4, 6, 5, CLOSE, END]]
    good = []
    for more in range(4):
        given = (torch.zeros(7, 7, 7), *world.tensors(), copied_from, prompts[0], *rules, 2, tries)
        tune = one_tune([submission["compose"].seeded(seed + more, *given)])
        expect_tune(world, tune, prompts[0])
        good.append(longest_copy(tune, copied_from))
    # What follows from one draw depends on chance; what follows from several hardly does.
    observe("a good one is given", good == [2] * 4)
    expect(good, [2] * 4, name=f"the longest copies from {copied_from}, with four seeds,")
    too_long, most, same = [], [], []
    for longest, more in ((0, 0), (0, 1), (0, 2), (3, 0), (4, 0)):
        given = (corpus, prompts[0], *rules, longest)
        alone, tune = (
            one_tune(
                [submission["compose"].seeded(seed + more, table, *world.tensors(), *given, n)]
            )
            for n in (1, tries)
        )
        expect_tune(world, tune, prompts[0])
        copied = longest_copy(tune, corpus)
        if longest == 0:
            most.append(copied == sizes_in_order[-1])
            same.append(tune == alone)
        if copied > max(longest, sure):
            too_long.append((longest, copied))
    observe("copies too much", bool(too_long))
    observe("copies as much as can be", all(most))
    observe("is the first one", all(same))
    expect_true(
        not too_long,
        f"Answers copy (at most, in fact) {too_long} tokens, and {tries} tries are bound to give a "
        f"tune that copies no more than {sure}.",
    )
