"""Checks of `crf`: every path written out for short sentences, products of matrices for long ones.

Where all K^L paths can be listed, sum, marginals, best path and gradients are plain sums over the
list. For long sentences, steps are combined two by two, like a product of matrices.
"""

from collections.abc import Callable, Iterator
from itertools import product

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import one_hot

from grader.checks import (
    Case,
    Strategy,
    Submission,
    check,
    expect,
    expect_error,
    expect_true,
    expect_unchanged,
    gradients_of,
    items,
    sizes,
    sources,
)

PARAMETERS = ("transitions", "start", "stop")
TAGS = ("emissions", "tags", "lengths", *PARAMETERS)
NO_TAGS = ("emissions", "lengths", *PARAMETERS)
FUNCTIONS = {
    "score": TAGS,
    "log_partition": NO_TAGS,
    "marginals": NO_TAGS,
    "viterbi": NO_TAGS,
    "nll": TAGS,
}

STEPS, TAG_COUNTS, SENTENCES = sizes(1, 4), sizes(1, 3), sizes(1, 3)
MANY_TAGS, MANY_SENTENCES = st.sampled_from([1, 2, 3, 3]), st.sampled_from([1, 2, 3, 4, 5])
LONG = 64.0
"""The floor of tolerance for long sentences: each step rounds a sum that is already large."""


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    steps: Strategy = STEPS,
    tags: Strategy = TAG_COUNTS,
    sentences: Strategy = SENTENCES,
    padded: bool = False,
    dtype: torch.dtype | None = None,
) -> Case:
    """A batch of sentences with the parameters of a CRF; if padded, with lengths of their own."""
    source, n, t, k = draw(sources(dtype)), draw(sentences), draw(steps), draw(tags)
    lengths = [draw(sizes(1, t)) if padded else t for _ in range(n)]
    if padded and t > 1:
        lengths[0] = min(lengths[0], t - 1)
    emissions, path = source.normal(n, t, k), source.integers(n, t, low=0, high=k)
    for sentence, length in enumerate(lengths):
        path[sentence, length:] = draw(st.sampled_from([-1, 99, -100, 0])) if length < t else 0
        emissions[sentence, length:] += 50.0
    return Case(
        {
            "emissions": emissions,
            "tags": path,
            "lengths": torch.tensor(lengths),
            "transitions": source.normal(k, k),
            "start": source.normal(k),
            "stop": source.normal(k),
        },
        (source.normal(n).double(),),
    )


def ask(submission: Submission, name: str, case: Case) -> object:
    """What one of the five functions gives."""
    return submission[name](*(case.arguments[part] for part in FUNCTIONS[name]))


def exact(case: Case) -> Case:
    """The case in float64."""
    return case.map(lambda value: value.double() if value.is_floating_point() else value)


def every_path(case: Case) -> Iterator[tuple[Tensor, Tensor]]:
    """For each sentence all its paths, (K^L, L), and their scores, (K^L,)."""
    k = len(case.start)
    for emissions, length in zip(case.emissions, case.lengths.tolist(), strict=True):
        paths = torch.cartesian_prod(*[torch.arange(k)] * length).reshape(-1, length)
        scores = case.start[paths[:, 0]] + case.stop[paths[:, -1]]
        for t in range(length):
            scores = scores + emissions[t, paths[:, t]]
        for t in range(1, length):
            scores = scores + case.transitions[paths[:, t - 1], paths[:, t]]
        yield paths, scores


def wanted_scores(case: Case) -> Tensor:
    """The score of each sentence's own tags, (N,), read off the list of all paths."""
    found = []
    for own, (paths, scores) in zip(case.tags, every_path(case), strict=True):
        found.append(scores[(paths == own[: paths.shape[1]]).all(dim=1)].sum())
    return torch.stack(found)


def wanted_log_partitions(case: Case) -> Tensor:
    """The logarithm of the sum over all paths of each sentence, (N,)."""
    return torch.stack([scores.logsumexp(0) for _, scores in every_path(case)])


def wanted_marginals(case: Case) -> Tensor:
    """The share of paths with a tag at a step, (N, T, K), each weighted with its probability."""
    k, want = len(case.start), torch.zeros_like(case.emissions)
    for row, (paths, scores) in zip(want, every_path(case), strict=True):
        shares = scores.softmax(0)[:, None, None] * one_hot(paths, k)
        row[: paths.shape[1]] = shares.sum(0)
    return want


def size_of_terms(case: Case) -> float:
    """How large the sum of the largest terms of a path is."""
    steps, parts = int(case.lengths.max()), exact(case).map(lambda value: value.abs())
    inside = [row[:length] for row, length in zip(parts.emissions, parts.lengths, strict=True)]
    largest = max(float(row.max()) for row in inside)
    return (
        steps * (largest + float(parts.transitions.max()))
        + float(parts.start.max())
        + float(parts.stop.max())
    )


def expect_sums(
    submission: Submission, name: str, case: Case, want: Tensor, floor: float | None = None
) -> None:
    """Hold an answer of `score`, `log_partition`, `marginals` or `nll`."""
    got, dims = ask(submission, name, case), ("sentence", "step", "tag")[: want.ndim]
    terms = size_of_terms(case)
    expect(got, want, name=name, dtype=case.dtype, terms=terms, dims=dims, floor=floor)


def expect_best(
    submission: Submission, case: Case, best: Tensor, floor: float | None = None
) -> None:
    """Hold that the paths are paths, and that each has the highest score there is, `best`."""
    paths, scores = items(ask(submission, "viterbi", case), "paths", "best")
    shape, k = case.emissions.shape[:2], len(case.start)
    expect(paths, torch.zeros(shape, dtype=torch.int64), name="paths", values=False)
    terms = size_of_terms(case)
    for n, (path, length) in enumerate(zip(paths, case.lengths.tolist(), strict=True)):
        inside = path[:length]
        expect_true(
            bool(((inside >= 0) & (inside < k)).all()),
            f"The path of sentence {n} has a tag that is none: {path.tolist()}.",
            at=f"paths[sentence {n}]",
            expected=f"{length} tags from 0 to {k - 1}",
            got=str(path.tolist()),
        )
        expect_true(
            bool((path[length:] == -1).all()),
            f"The padding of the path of sentence {n} is not -1.",
            at=f"paths[sentence {n}]",
            expected=f"-1 from step {length} on",
            got=str(path.tolist()),
        )
    chosen = score_of(exact(case), paths)
    # The path was chosen in the case's own dtype, so its score is the best one up to that.
    expect(
        chosen,
        best,
        name="the score of the path",
        terms=terms,
        dims=("sentence",),
        floor=floor,
        precision=case.dtype,
    )
    expect(
        scores,
        best,
        name="best",
        dtype=case.dtype,
        terms=terms,
        dims=("sentence",),
        floor=floor,
    )


def score_of(case: Case, paths: Tensor) -> Tensor:
    """The scores of paths of sentences of any length, (N,)."""
    found = []
    for emissions, path, length in zip(
        case.emissions, paths.tolist(), case.lengths.tolist(), strict=True
    ):
        total = case.start[path[0]] + case.stop[path[length - 1]] + emissions[0, path[0]]
        for t in range(1, length):
            total = total + case.transitions[path[t - 1], path[t]] + emissions[t, path[t]]
        found.append(total)
    return torch.stack(found)


@check(points=2, examples=20)
@given(case=cases())
def adds_up_one_path(submission: Submission, case: Case) -> None:
    """The score of a path is the sum of its start, emissions, transitions and stop."""
    expect_sums(submission, "score", case, wanted_scores(exact(case)))


@check(points=2, examples=20)
@given(case=cases())
def sums_over_all_paths(submission: Submission, case: Case) -> None:
    """log_partition is the logarithm of the sum of exp(score) over all K^T paths."""
    expect_sums(submission, "log_partition", case, wanted_log_partitions(exact(case)))


@check(points=1, after=(adds_up_one_path, sums_over_all_paths), examples=14)
@given(case=cases(tags=MANY_TAGS, sentences=MANY_SENTENCES))
def averages_the_loss_over_sentences(submission: Submission, case: Case) -> None:
    """The nll is the mean over the sentences of log_partition less score."""
    full = exact(case)
    want = (wanted_log_partitions(full) - wanted_scores(full)).mean()
    expect_sums(submission, "nll", case, want)


@check(points=2, after=sums_over_all_paths, examples=20)
@given(case=cases())
def marginals_are_shares_of_paths(submission: Submission, case: Case) -> None:
    """The marginal of a tag at a step is the probability of all paths that have it there."""
    expect_sums(submission, "marginals", case, wanted_marginals(exact(case)))


@check(points=2, examples=30)
@given(
    case=cases(steps=st.sampled_from([1, 2, 4, 5, 5, 5]), tags=MANY_TAGS, sentences=MANY_SENTENCES)
)
def finds_the_best_path(submission: Submission, case: Case) -> None:
    """No path has a higher score than the one that viterbi gives, and best is its score."""
    best = torch.stack([scores.max() for _, scores in every_path(exact(case))])
    expect_best(submission, case, best)


@check(
    points=3,
    after=(
        averages_the_loss_over_sentences,
        marginals_are_shares_of_paths,
        finds_the_best_path,
    ),
    examples=20,
)
@given(case=cases(steps=sizes(2, 4), tags=MANY_TAGS, sentences=MANY_SENTENCES, padded=True))
def ends_each_sentence_at_its_length(submission: Submission, case: Case) -> None:
    """With shorter sentences in the batch, every answer is that of each sentence alone."""
    expect_all(submission, exact(case), case)


def expect_all(submission: Submission, full: Case, case: Case) -> None:
    """Hold all five functions on a case, of which all paths can be listed in float64."""
    own, every = wanted_scores(full), wanted_log_partitions(full)
    expect_sums(submission, "score", case, own)
    expect_sums(submission, "log_partition", case, every)
    expect_sums(submission, "nll", case, (every - own).mean())
    expect_sums(submission, "marginals", case, wanted_marginals(full))
    best = torch.stack([scores.max() for _, scores in every_path(full)])
    expect_best(submission, case, best)


@check(points=2, after=ends_each_sentence_at_its_length, examples=8)
@given(
    case=cases(
        steps=st.sampled_from([1, 4, 5, 5]),
        sentences=MANY_SENTENCES,
        padded=True,
        dtype=torch.float64,
    )
)
def gradients(submission: Submission, case: Case) -> None:
    """The gradients of score, log_partition and nll reach emissions, transitions, start, stop."""
    for name, want, cotangent in (
        ("score", wanted_scores, case.cotangents[0]),
        ("log_partition", wanted_log_partitions, case.cotangents[0]),
        ("nll", _wanted_nll, torch.tensor(1.0).double()),
    ):
        parts = FUNCTIONS[name]
        learned = ("emissions", *PARAMETERS)
        asked = submission[name].vjp(
            *(case.arguments[part] for part in parts),
            cotangents=[cotangent],
            wrt=[parts.index(part) for part in learned],
        )
        leaves = {part: case.arguments[part].clone().requires_grad_() for part in learned}
        exact_ones = gradients_of([want(case.put(**leaves))], list(leaves.values()), [cotangent])
        for part, got, one in zip(learned, asked.gradients, exact_ones, strict=True):
            reached = got is not None or not bool(one.any())
            expect_true(reached, f"No gradient reaches {part} through {name}.")
            if got is not None:
                label = f"gradient of {name} with respect to {part}"
                expect(got, one, name=label, dtype=case.dtype, terms=size_of_terms(case))
    wrt = [NO_TAGS.index(part) for part in ("emissions", *PARAMETERS)]
    for name, count in (("marginals", 1), ("viterbi", 2)):  # they answer a model's parameters, too
        arguments = [case.arguments[part] for part in NO_TAGS]
        submission[name].vjp(*arguments, cotangents=[None] * count, wrt=wrt)


def _wanted_nll(case: Case) -> Tensor:
    return (wanted_log_partitions(case) - wanted_scores(case)).mean()


def chained(case: Case, add: Callable[[Tensor, int], Tensor]) -> Tensor:
    """Combine all steps of each sentence two by two, (N,): a product of matrices, with `add`."""
    found = []
    for emissions, length in zip(case.emissions, case.lengths.tolist(), strict=True):
        matrices = case.transitions + emissions[1:length, None, :]
        while len(matrices) > 1:
            even = len(matrices) // 2 * 2
            pairs = matrices[0:even:2, :, :, None] + matrices[1:even:2, None]
            matrices = torch.cat([add(pairs, 2), matrices[even:]])
        total = case.start + emissions[0]
        if len(matrices):
            total = add(total[:, None] + matrices[0], 0)
        found.append(add(total + case.stop, 0))
    return torch.stack(found)


@st.composite
def long_cases(draw: st.DrawFn) -> Case:
    """Two sentences of about 200 steps, whose scores are in the thousands, also in float64."""
    source, k = draw(sources()), draw(sizes(4, 6))
    lengths = torch.tensor([200, draw(sizes(180, 199))])
    return Case(
        {
            "emissions": 4.0 * source.normal(2, 200, k).abs() + 3.0,
            "tags": source.integers(2, 200, low=0, high=k),
            "lengths": lengths,
            "transitions": source.normal(k, k),
            "start": source.normal(k),
            "stop": source.normal(k),
        },
        (),
    )


@check(points=2, after=ends_each_sentence_at_its_length, examples=2)
@given(case=long_cases(), steep=cases(steps=sizes(3, 4), tags=sizes(2, 3), padded=True))
def reaches_long_sentences(submission: Submission, case: Case, steep: Case) -> None:
    """For hundreds of steps and large scores, sum, marginals, loss and path are right."""
    full = exact(case)
    leaf = full.emissions.clone().requires_grad_()
    every = chained(full.put(emissions=leaf), torch.logsumexp)
    (want,) = gradients_of([every], [leaf], [torch.ones_like(every)])
    every = every.detach()
    expect_sums(submission, "log_partition", case, every, LONG)
    expect_sums(submission, "nll", case, (every - score_of(full, full.tags)).mean(), LONG)
    expect_sums(submission, "marginals", case, want, LONG)
    expect_best(submission, case, chained(full, torch.amax), LONG)
    # Each sentence again in full, so that there are transitions on every seed.
    whole = {"lengths": torch.full_like(steep.lengths, steep.emissions.shape[1])}
    whole["tags"] = steep.tags.clamp(0, len(steep.start) - 1)
    again = {part: torch.cat([steep.arguments[part], value]) for part, value in whole.items()}
    steep = steep.put(emissions=torch.cat([steep.emissions] * 2), **again)
    # The scores of one step lie thousands apart: no tag's can stand for the largest one.
    emissions = 2000.0 * steep.emissions
    emissions[:, 0, 0], emissions[:, 0, -1] = 2000.0, -2000.0
    for turned in (emissions, emissions.flip(2)):
        far = steep.put(emissions=turned)
        expect_sums(submission, "log_partition", far, wanted_log_partitions(exact(far)))
        expect_sums(submission, "marginals", far, wanted_marginals(exact(far)))
    # What a sentence ends with can outweigh all that came before it, behind padding, too.
    sides = 9000.0 * torch.where(torch.arange(len(steep.start)) > 0, 1.0, -1.0).to(steep.dtype)
    opposed = steep.put(emissions=steep.emissions + sides, stop=steep.stop - sides)
    expect_all(submission, exact(opposed), opposed)
    # Transitions, start and stop can be as large, and forbid all tags or one of two.
    for part in PARAMETERS:
        for shift, spread in ((-1e4, 1.0), (1e4, 1.0), (0.0, 1e4)):
            far = steep.put(**{part: shift + spread * steep.arguments[part]})
            expect_all(submission, exact(far), far)
    # And no sentence's largest score can stand for that of another one.
    twice = {part: torch.cat([steep.arguments[part]] * 2) for part in ("tags", "lengths")}
    lower = torch.cat([steep.emissions, steep.emissions - 1000.0])
    beside = steep.put(**twice, emissions=lower)
    expect_sums(submission, "log_partition", beside, wanted_log_partitions(exact(beside)))
    expect_sums(submission, "marginals", beside, wanted_marginals(exact(beside)))


@check(points=1, after=ends_each_sentence_at_its_length, examples=3)
@given(case=cases(steps=sizes(2, 4), sentences=sizes(2, 3)))
def refuses_impossible_lengths(submission: Submission, case: Case) -> None:
    """A length below 1 or above T raises ValueError in every function."""
    steps = case.emissions.shape[1]
    for (name, parts), count in product(FUNCTIONS.items(), (1, len(case.lengths))):
        rows = {part: case.arguments[part][:count] for part in TAGS[:3]}
        for place, length in product(range(count), (0, steps + 1, -1, steps + 3)):
            lengths = rows["lengths"].clone()
            lengths[place] = length
            bad = case.put(**rows | {"lengths": lengths})
            expect_error(
                submission[name],
                *(bad.arguments[part] for part in parts),
                type="ValueError",
                when=f"{name} gets lengths {lengths.tolist()} and T = {steps}",
            )


@check(points=1, after=ends_each_sentence_at_its_length, examples=8)
@given(case=cases(steps=sizes(2, 4), padded=True))
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The calls do not modify their arguments."""
    for name, parts in FUNCTIONS.items():
        arguments = {part: case.arguments[part] for part in parts}
        _, afterwards = submission[name].inputs(*arguments.values())
        expect_unchanged(arguments, afterwards)
