"""Checks of `compare_speed`: sessions with a planted ratio, drift, pauses and a slow start."""

import math
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, expect, expect_true, items, sizes, sources

PARTS = ("ratio", "low", "high", "verdict")
PLANTED = (0.5, 0.8, 1.25, 2.0)
NEAR = 0.01  # in the quiet sessions every time is within 0.7% of its program's usual time


@dataclass(frozen=True)
class Session:
    """Seconds that a and b took, round by round."""

    times_a: np.ndarray  # (n,)
    times_b: np.ndarray  # (n,)

    @property
    def warm_up(self) -> int:
        """Rounds that don't count."""
        return math.ceil(len(self.times_a) / 10)


@dataclass(frozen=True)
class Planted(Session):
    """A session whose ratio is known."""

    planted: float


def quiet_session(source: Source, rounds: int, planted: float) -> Planted:
    """Make a session in which b's times vary by 0.2% and the ratio by 0.5%."""
    times_b = 1 + 0.002 * source.uniform(rounds)
    times_a = planted * times_b * (1 + 0.005 * source.uniform(rounds))
    return Planted(times_a, times_b, planted)


def noisy_session(source: Source, rounds: int, planted: float = 1.0) -> Session:
    """Make a session in which all times are drawn apart from one another."""
    times_a = planted * (1 + source.uniform(rounds, low=-0.5, high=0.9))
    return Session(times_a, 1 + source.uniform(rounds, low=-0.5, high=0.9))


@st.composite
def quiet_sessions(draw, least: int = 11) -> Planted:
    """Sessions that are easy."""
    rounds, planted = draw(sizes(least, 40)), draw(st.sampled_from(PLANTED))
    return quiet_session(draw(sources(np.float64)), rounds, planted)


@st.composite
def drifting_sessions(draw) -> Planted:
    """Sessions in which the machine gets three times as slow."""
    session = draw(quiet_sessions())
    drift = np.linspace(1, 3, len(session.times_a))
    return replace(session, times_a=drift * session.times_a, times_b=drift * session.times_b)


@st.composite
def paused_sessions(draw) -> Planted:
    """Sessions in which two of a's rounds were held up, after the warm-up."""
    session = draw(quiet_sessions(least=20))
    times_a = session.times_a.copy()
    first = draw(st.integers(session.warm_up, len(times_a) - 1))
    second = draw(st.integers(session.warm_up, len(times_a) - 1))
    times_a[first] *= 20
    times_a[second] += 30
    return replace(session, times_a=times_a)


@st.composite
def noisy_sessions(draw, least: int = 7, most: int = 40) -> Session:
    """Sessions in which a round tells little."""
    rounds, planted = draw(sizes(least, most)), draw(st.sampled_from((0.6, 1.0, 1.7)))
    return noisy_session(draw(sources(np.float64)), rounds, planted)


def oracle(session: Session) -> tuple[float, float, float]:
    """Return ratio, low and high, from the definition."""
    kept = zip(session.times_a.tolist(), session.times_b.tolist(), strict=True)
    ratios = sorted(a / b for a, b in list(kept)[session.warm_up :])
    m = len(ratios)
    ratio = (ratios[(m - 1) // 2] + ratios[m // 2]) / 2
    for k in range(m // 2, 0, -1):
        if 2 * sum(math.comb(m, j) for j in range(k)) / 2**m <= 0.05:
            return ratio, ratios[k - 1], ratios[m - k]
    return ratio, 0.0, math.inf


def expect_planted(submission: Submission, session: Planted) -> None:
    """Ask for the ratio and its interval in a quiet session: both are within the noise."""
    answer = submission["compare_speed"](session.times_a, session.times_b)
    ratio, low, high, _ = items(answer, *PARTS)
    for name, value in (("ratio", ratio), ("low", low), ("high", high)):
        expect_true(
            isinstance(value, float) and abs(value / session.planted - 1) <= NEAR,
            f"{name}: a takes {session.planted} times as long as b, give or take 1% in each "
            f"honest round; got {value}",
        )


@check(points=2, examples=15)
@given(session=quiet_sessions())
def finds_a_planted_ratio(submission: Submission, session: Planted) -> None:
    """In a quiet session the ratio is a's time over b's."""
    expect_planted(submission, session)


@check(points=1, after=finds_a_planted_ratio, examples=15)
@given(session=quiet_sessions())
def ignores_the_warm_up(submission: Submission, session: Planted) -> None:
    """The first tenth of the rounds, rounded up, changes nothing."""
    slow, fast = session.times_a.copy(), session.times_a.copy()
    slow[: session.warm_up] *= 50
    fast[: session.warm_up] /= 50
    with_slow_start = submission["compare_speed"](slow, session.times_b)
    with_fast_start = submission["compare_speed"](fast, session.times_b)
    expect_true(
        items(with_slow_start, *PARTS) == items(with_fast_start, *PARTS),
        f"{len(slow)} rounds: the first {session.warm_up} of them don't count, but the answer "
        f"changes with them: {with_slow_start} and {with_fast_start}",
    )


@check(points=1, after=finds_a_planted_ratio, examples=10)
@given(session=drifting_sessions())
def compares_within_a_round(submission: Submission, session: Planted) -> None:
    """Drift that slows both down does not blur the comparison."""
    expect_planted(submission, session)


@check(points=1, after=finds_a_planted_ratio, examples=15)
@given(session=paused_sessions())
def shrugs_off_pauses(submission: Submission, session: Planted) -> None:
    """Two rounds that were held up change little."""
    expect_planted(submission, session)


@check(
    points=2, after=(ignores_the_warm_up, compares_within_a_round, shrugs_off_pauses), examples=30
)
@given(session=noisy_sessions())
def gives_the_exact_interval(submission: Submission, session: Session) -> None:
    """Ratio, low and high are the median and the two order statistics of the formulas."""
    answer = submission["compare_speed"](session.times_a, session.times_b)
    for got, want, name in zip(items(answer, *PARTS)[:3], oracle(session), PARTS[:3], strict=True):
        expect(got, want, name=name)


@check(points=1, after=gives_the_exact_interval)
def rarely_claims_what_is_not_there(submission: Submission) -> None:
    """Of 60 sessions without a difference at most 6 are called one."""
    # A fixed draw: whether a right answer passes must not be a matter of luck.
    source = Source(2007, np.float64)
    sessions = [noisy_session(source, 20) for _ in range(60)]
    answers = [submission["compare_speed"](s.times_a, s.times_b) for s in sessions]
    claims = sum(items(answer, *PARTS)[3] != "inconclusive" for answer in answers)
    expect_true(
        claims <= 6,
        f"a and b were equally fast in 60 sessions; {claims} of them were called 'faster' or "
        "'slower', expected at most 6",
    )


@check(points=2, after=rarely_claims_what_is_not_there, examples=15)
@given(session=st.one_of(quiet_sessions(), noisy_sessions()))
def claims_what_the_interval_shows(submission: Submission, session: Session) -> None:
    """The verdict is "faster" below 1, "slower" above 1, and neither where 1 is possible."""
    equal = Session(session.times_b, session.times_b)
    for times_a, times_b in ((session.times_a, session.times_b), (equal.times_a, equal.times_b)):
        _, low, high = oracle(Session(times_a, times_b))
        want = "faster" if high < 1 else "slower" if low > 1 else "inconclusive"
        answer = submission["compare_speed"](times_a, times_b)
        verdict = items(answer, *PARTS)[3]
        expect_true(
            verdict == want,
            f"the interval is {low:.4g} to {high:.4g}: expected {want!r}, got {verdict!r}",
        )


@check(points=1, after=claims_what_the_interval_shows, examples=15)
@given(session=noisy_sessions(least=2, most=6))
def says_nothing_from_few_rounds(submission: Submission, session: Session) -> None:
    """Five rounds or fewer allow no interval: 0 to infinity, and inconclusive."""
    answer = submission["compare_speed"](session.times_a, session.times_b)
    ratio, low, high, verdict = items(answer, *PARTS)
    expect(ratio, oracle(session)[0], name="ratio")
    expect_true(
        (low, high, verdict) == (0.0, math.inf, "inconclusive"),
        f"{len(session.times_a) - session.warm_up} rounds are left after the warm-up: expected "
        f"low 0.0, high inf, 'inconclusive'; got {low}, {high}, {verdict!r}",
    )


@check(points=1, after=finds_a_planted_ratio, examples=5)
@given(session=quiet_sessions())
def leaves_the_timings_alone(submission: Submission, session: Planted) -> None:
    """The caller's arrays are as they were."""
    _, afterwards = submission["compare_speed"].inputs(session.times_a, session.times_b)
    for before, after, name in zip(
        (session.times_a, session.times_b), afterwards, ("times_a", "times_b"), strict=True
    ):
        expect_true(np.array_equal(before, after), f"{name} was changed by the call")
