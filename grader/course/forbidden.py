"""Names that a kata forbids: its own, and groups of them that the course defines."""

from collections.abc import Mapping

from msgspec import Struct

from grader.wire.messages import Forbidden


class ForbiddenSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[forbidden]` of a kata.toml: groups, dotted names, and packages, and why."""

    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    why: str = "This is what the kata asks you to write yourself."


def expand(spec: ForbiddenSpec, groups: Mapping[str, Forbidden]) -> Forbidden:
    """Groups and names as the worker needs them."""
    parts = [groups[group] for group in spec.groups]
    return Forbidden(
        names=(*(name for part in parts for name in part.names), *spec.names, *spec.modules),
        words=tuple(word for part in parts for word in part.words),
        modules=(*(name for part in parts for name in part.modules), *spec.modules),
        watched=tuple(name for part in parts for name in part.watched),
        engine=any(part.engine for part in parts),
    )
