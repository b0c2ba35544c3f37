"""`kata show TRACK`: what a track is for."""

import pytest

from grader.course.catalog import built_in_course

COURSE = built_in_course()


@pytest.mark.parametrize("track", COURSE.spec.track, ids=lambda track: track.name)
def test_each_track_says_what_one_can_do_after_it(command, track) -> None:
    assert track.aim.endswith("."), "a sentence: After it you can ..."
    assert command("show", track.name) == 0
    shown = " ".join(command.out.split())
    assert f"After it you can {track.aim}" in shown
    for kata in COURSE.katas:
        assert (f"{kata.short}: {kata.spec.title}" in shown) == (kata.track == track.name)


def test_a_kata_is_still_its_task(command) -> None:
    assert command("show", "rnn_cell") == 0
    assert "What people get wrong" in command.out
