"""Searches on tables: each holds another."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.searches import EOS, beam_answer, every_answer, greedy_answer, scored

MOST = 3
TABLES = st.integers(0, 10_000).map(
    lambda seed: torch.randn(5, 5, generator=torch.Generator().manual_seed(seed)).index_fill(
        1, torch.tensor([0, 1]), -40.0
    )
)


@given(TABLES, st.integers(0, 4))
def test_every_answer_has_its_share(table: torch.Tensor, start: int) -> None:
    answers = every_answer(table, start, MOST)
    assert math.isclose(sum(math.exp(total) for _, total in answers), 1.0, rel_tol=1e-9)
    assert len({tokens for tokens, _ in answers}) == len(answers) == 1 + 2 * (1 + 2 * 3)


@given(TABLES)
def test_a_beam_of_one_is_greedy_and_a_wide_one_finds_the_best(table: torch.Tensor) -> None:
    assert beam_answer(table, width=1, most=MOST) == greedy_answer(table, 0, MOST)
    scores = scored(every_answer(table, 0, MOST), alpha=1.0)
    assert beam_answer(table, width=30, most=MOST) == list(max(scores, key=scores.__getitem__))


def test_eos_is_no_part_of_an_answer_and_counts_in_its_length() -> None:
    assert scored([((3, EOS), -1.0), ((3, 4), -2.0)], 1.0) == {(3,): -0.5, (3, 4): -1.0}
