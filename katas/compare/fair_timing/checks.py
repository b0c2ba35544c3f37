"""Checks of `compare_speed`: sessions with a planted ratio, drift, pauses and a slow start."""

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Case,
    Operation,
    Source,
    Strategy,
    Submission,
    check,
    expect,
    expect_true,
    kind_of,
    observe,
    plain,
    sizes,
)


def reference(times_a: np.ndarray, times_b: np.ndarray) -> tuple[float, float, float, str]:
    """Ratio, interval and verdict, from the definition."""
    kept = [*zip(times_a.tolist(), times_b.tolist(), strict=True)][warm_up(times_a) :]
    ratios = sorted(a / b for a, b in kept)
    m, k = len(ratios), rank_of(len(ratios))
    low, high = (ratios[k - 1], ratios[m - k]) if k else (0.0, math.inf)
    verdict = "faster" if high < 1 else "slower" if low > 1 else "inconclusive"
    return (ratios[(m - 1) // 2] + ratios[m // 2]) / 2, low, high, verdict


def rank_of(m: int) -> int:
    """The largest k that the formula allows for m rounds; 0 where it allows none."""
    allowed = [
        k for k in range(1, m // 2 + 1) if 2 * sum(math.comb(m, j) for j in range(k)) / 2**m <= 0.05
    ]
    return max(allowed, default=0)


def warm_up(times: np.ndarray) -> int:
    """How many rounds don't count."""
    return math.ceil(len(times) / 10)


SPEED = Operation(
    "compare_speed",
    takes={"times_a": ("n",), "times_b": ("n",)},
    gives={"ratio": None, "low": None, "high": None, "verdict": None},
    reference=reference,
    fit=lambda case: case.map(lambda times: 0.5 + abs(times)),
    sizes=st.builds(dict, n=sizes(7, 40)),
    batch="",
    dtypes=(np.float64,),
)
NOISY = st.builds(
    lambda case, planted: case.put(times_a=planted * case.times_a),
    SPEED.cases(),
    st.sampled_from([0.6, 1.0, 1.7]),
)
"""Sessions in which a single round tells little."""


VERDICTS = ("faster", "slower", "inconclusive")
PLANTED = st.sampled_from([0.5, 0.8, 1.25, 2.0, 0.02, 40.0])


def quiet_sessions(least: int = 11, most: int = 40) -> Strategy:
    """Sessions of two programs whose times differ by less than 1% in each round."""
    drawn = SPEED.cases(n=sizes(least, most))
    return drawn.map(lambda case: case.map(lambda times: 1 + 0.0015 * times))


def ask(submission: Submission, session: Case) -> tuple[Any, ...]:
    """The answer, with Python's numbers.

    The three numbers are observed one by one: two mistakes can be made at once. Who takes a spread
    on both sides of a middle makes one mistake, whichever spread it is.
    """
    answer: tuple[Any, ...] = plain(SPEED.ask(submission, *session.values))
    ratios = (session.times_a / session.times_b)[warm_up(session.times_a) :]
    told = [one if isinstance(one, int | float) else kind_of(one) for one in answer[:3]]
    _, low, high = told
    if isinstance(low, float) and isinstance(high, float) and low < high:
        for name, middle in (("mean", ratios.mean()), ("median", np.median(ratios))):
            if math.isclose((low + high) / 2, middle, rel_tol=1e-12):
                told[1:] = [f"as far from the {name} as the other end"] * 2
    for name, one in zip(SPEED.gives, told, strict=False):
        observe(name, one)
    return answer


def expect_planted(submission: Submission, session: Case, planted: float) -> None:
    """Hold ratio and interval of a quiet session against the ratio that is planted in it."""
    answer = ask(submission, session.put(times_a=planted * session.times_a))
    for name, value in zip(SPEED.gives, answer[:3], strict=False):
        expect_true(
            isinstance(value, float) and abs(value / planted - 1) <= 0.01,
            f"{name}: a takes {planted} times as long as b, give or take 1% in each round that "
            f"was not held up; got {value}",
        )


@check(points=2, examples=15)
@given(session=quiet_sessions(), planted=PLANTED)
def finds_a_planted_ratio(submission: Submission, session: Case, planted: float) -> None:
    """In a quiet session the ratio is a's time over b's time."""
    expect_planted(submission, session, planted)


@check(points=1, after=finds_a_planted_ratio, examples=15)
@given(session=quiet_sessions())
def ignores_the_warm_up(submission: Submission, session: Case) -> None:
    """The first tenth of the rounds, rounded up, changes nothing."""
    slow, fast, dropped = session.times_a.copy(), session.times_a.copy(), warm_up(session.times_a)
    slow[:dropped] *= 50
    fast[:dropped] /= 50
    with_slow_start = ask(submission, session.put(times_a=slow))
    with_fast_start = ask(submission, session.put(times_a=fast))
    expect_true(
        with_slow_start == with_fast_start,
        f"{len(slow)} rounds: the first {dropped} of them don't count, but the answer changes with "
        f"them: {with_slow_start} and {with_fast_start}",
    )


@check(points=1, after=finds_a_planted_ratio, examples=10)
@given(session=quiet_sessions(), planted=PLANTED)
def compares_within_a_round(submission: Submission, session: Case, planted: float) -> None:
    """A machine that gets slower during the session does not change the comparison."""
    drift = np.linspace(1, 3, len(session.times_a))
    expect_planted(submission, session.map(lambda times: drift * times), planted)


@check(points=1, after=finds_a_planted_ratio, examples=20)
@given(session=quiet_sessions(20, 120), planted=PLANTED, first=sizes(1, 18), second=sizes(1, 18))
def shrugs_off_pauses(
    submission: Submission, session: Case, planted: float, first: int, second: int
) -> None:
    """Two rounds that were held up change little."""
    left = len(session.times_a) - warm_up(session.times_a)
    # Rounds that are in the middle, or at the rank of `high`, in the order in which they were run.
    for late in (first, (left + 1) // 2, rank_of(left)):
        times_a = session.times_a.copy()  # the last 18 rounds are never warm-up
        times_a[-late] *= 20
        times_a[-second] += 30
        expect_planted(submission, session.put(times_a=times_a), planted)


@check(
    points=2, after=(ignores_the_warm_up, compares_within_a_round, shrugs_off_pauses), examples=30
)
@given(session=NOISY, round_number=SPEED.cases(n=st.sampled_from([10, 19, 19, 20, 30, 120, 200])))
def gives_the_exact_interval(submission: Submission, session: Case, round_number: Case) -> None:
    """Ratio, low and high are the median and the two order statistics of the formulas."""
    cases = (session, round_number)
    answers = [ask(submission, case)[:3] for case in cases]
    for case, got in zip(cases, answers, strict=True):
        for one, want, name in zip(got, SPEED.run(*case.values), SPEED.gives, strict=False):
            expect(one, want, name=name)


def ask_for_verdict(submission: Submission, session: Case) -> Any:
    """The verdict of a session, which is observed."""
    verdict = SPEED.ask(submission, *session.values)[3]
    observe("verdict", verdict if verdict in VERDICTS else "a word of its own")
    return verdict


@check(points=1, after=gives_the_exact_interval)
def rarely_claims_what_is_not_there(submission: Submission) -> None:
    """Of 60 sessions without a difference at most 6 are called one."""
    # A fixed draw: whether a right answer passes must not be a matter of luck.
    source = Source(2007, np.float64)
    sessions = [SPEED.draw(source, {"n": 20}) for _ in range(60)]
    verdicts = [ask_for_verdict(submission, session) for session in sessions]
    other = [verdict for verdict in verdicts if verdict not in VERDICTS]
    expect_true(
        not other, f"The verdict is {str(other[:1])[1:-1]:.60}, which is none of the three."
    )
    claims = sum(verdict != "inconclusive" for verdict in verdicts)
    expect_true(
        claims <= 6,
        f"a and b were equally fast in 60 sessions; {claims} of them were called 'faster' or "
        "'slower', expected at most 6",
    )


@check(points=2, after=rarely_claims_what_is_not_there, examples=15)
@given(session=st.one_of(quiet_sessions(), NOISY), planted=PLANTED)
def claims_what_the_interval_shows(submission: Submission, session: Case, planted: float) -> None:
    """The verdict is "faster" below 1, "slower" above 1, and "inconclusive" where 1 is possible."""
    times_a, times_b = session.values
    steady = times_b * (1 + 0.001 * times_a / times_a.max())
    for values in (
        (planted * times_a, times_b),
        (times_a, times_b),
        (times_b, times_b),
        (1.02 * steady, times_b),  # a small difference that is sure
        (0.98 * steady, times_b),
        (1.004 * steady, times_b),  # a smaller one
        (0.995 * steady, times_b),
    ):
        _, low, high, want = SPEED.run(*values)
        verdict = ask_for_verdict(submission, session.put(times_a=values[0], times_b=values[1]))
        expect_true(
            verdict == want,
            f"The interval is {low:.4g} to {high:.4g}: expected {want!r}, got {verdict!r}",
        )


@check(points=1, after=claims_what_the_interval_shows, examples=15)
@given(few=SPEED.cases(n=sizes(2, 6)), most=SPEED.cases(n=st.just(6)))
def says_nothing_from_few_rounds(submission: Submission, few: Case, most: Case) -> None:
    """Five rounds or fewer allow no interval: the answer is 0 to infinity, and inconclusive."""
    for session in (few, most):
        got = ask(submission, session)
        for one, want, name in zip(got, SPEED.run(*session.values), SPEED.gives, strict=True):
            expect(one, want, name=name)


leaves_inputs_unchanged = SPEED.leaves_inputs_unchanged(
    "The arrays times_a and times_b are not modified.",
    after=finds_a_planted_ratio,
    examples=5,
    cases=quiet_sessions(),
)
