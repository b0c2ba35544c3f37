"""Power: on 20 seeds, every misconception of every kata is detected and diagnosed by name, and
every right answer passes.
"""

import pytest

from grader.audit.audit import audit_kata
from grader.course.catalog import built_in_course
from grader.judge.grader import Grader

SEEDS = 20
KATAS = [pytest.param(kata, id=kata.name) for kata in built_in_course().katas]

pytestmark = pytest.mark.full


@pytest.mark.parametrize("kata", KATAS)
def test_on_twenty_seeds(kata, grader: Grader) -> None:
    finding = audit_kata(grader, kata, seeds=SEEDS, training=False)
    assert finding.problems == ()
    assert finding.rows, "a kata without misconceptions proves nothing"
    for row in finding.rows:
        assert row.detected == SEEDS
        assert row.diagnosed == SEEDS or row.not_diagnosed_because
    assert finding.alternatives >= 2
