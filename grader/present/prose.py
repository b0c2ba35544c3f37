"""Where free text stands: which questions of `answers.md` are answered, and how it was marked."""

from collections.abc import Iterator, Sequence

from grader.course.rubric import ANSWERS_FILE, Standing, State

_SAYS = {
    State.UNANSWERED: "unanswered",
    State.WAITING: "waiting for a person",
    State.CHANGED: "changed since it was marked",
    State.MARKED: "marked",
}


def prose_lines(standings: Sequence[Standing]) -> Iterator[str]:
    """A line that counts the states, and one for each criterion that a person has marked."""
    if not standings:
        return
    states = [item.state for item in standings]
    counts = [f"{states.count(state)} {says}" for state, says in _SAYS.items() if state in states]
    yield f"{ANSWERS_FILE}: of {len(states)} criteria, {', '.join(counts)}"
    for item in standings:
        if item.mark is not None:
            changed = f" ({_SAYS[item.state]})" if item.state is State.CHANGED else ""
            comment = " ".join(item.mark.comment.split())
            said = f": {comment}" if comment else ""
            points = f"{item.mark.points:g}/{item.criterion.max_points}"
            yield f"{item.criterion.id} {points} {item.mark.level}{changed}{said}"
