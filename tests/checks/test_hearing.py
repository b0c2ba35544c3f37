"""A hearing: one record of what holds while a check's body runs, and of what it leaves behind."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.hearing import (
    MAX_RECORDED,
    Hearing,
    Policy,
    current,
    hearing,
    observe,
    record,
    record_figure,
)


def test_outside_of_any_nothing_is_kept() -> None:
    record("lost", 1.0)
    record_figure("Lost", {})
    observe("lost", True)
    assert current() == Hearing()
    assert current().policy == Policy(10.0, 16.0)


def test_what_is_said_inside_belongs_to_the_innermost() -> None:
    with hearing(Hearing()) as outer:
        record("outer", 1)
        with hearing(Hearing(Policy(2.0), judging=False)) as inner:
            record("inner", 2)
            record_figure("Inner", {"a": [(0.0, 1.0)]})
            assert current() is inner
        record("outer", 3)
        with pytest.raises(ZeroDivisionError), hearing(Hearing()):
            record("outer", 1 / 0)
        assert current() is outer
    assert (outer.metrics, outer.figures) == ({"outer": 3.0}, [])
    assert inner.metrics == {"inner": 2.0}
    lines = [{"label": "a", "points": [(0.0, 1.0)]}]
    assert inner.figures == [{"title": "Inner", "lines": lines, "x": "step", "y": "", "log": False}]


@given(st.lists(st.tuples(st.text(max_size=120), st.floats() | st.integers(-9, 9))))
def test_metrics_are_floats_by_short_names(said) -> None:
    with hearing(Hearing()) as heard:
        for name, value in said:
            record(name, value)
    assert {*heard.metrics} <= {name[:100] for name, _ in said}
    for value in heard.metrics.values():
        assert type(value) is float
    if said:
        name, value = said[-1]
        kept = heard.metrics[name[:100]]
        assert kept == value or math.isnan(kept)


def test_what_is_recorded_is_bounded() -> None:
    with hearing(Hearing()) as heard:
        for number in range(3 * MAX_RECORDED):
            record(f"metric {number}", number)
            record_figure(f"figure {number}", {})
        record("metric 0", -1.0)
    assert len(heard.metrics) == len(heard.figures) == MAX_RECORDED
    assert heard.metrics["metric 0"] == -1.0, "what is there already may still change"
