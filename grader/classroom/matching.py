"""Who is who: students of the gradebook, found by what another system calls them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from typing import NamedTuple, Protocol, TypeVar


class Named(Protocol):
    """What is said of a student of the gradebook."""

    @property
    def student(self) -> str:
        """Their id."""

    @property
    def name(self) -> str:
        """Their name; empty where it is not known."""


One = TypeVar("One", bound=Named)
Key = TypeVar("Key", bound=Hashable)


class Row(NamedTuple):
    """What another system calls somebody: ids, of each kind at its own place, and a name."""

    ids: tuple[str, ...]
    name: str


def matched(students: Collection[One], rows: Mapping[Key, Row]) -> dict[Key, One]:
    """The student of each row; a row that is about nobody known has none.

    An id of one kind may by chance be somebody else's of another kind. So the kind by which most
    rows are found comes first, and who is found by it is not looked for by the others. A name says
    who somebody is where one student and one row have it.

    Args:
        students: those of the gradebook, each once.
        rows: what the system calls each of its students.
    """
    exact = {_plain(one.student): one for one in students}
    folded = _only({one: fold(one) for one in exact})
    kinds: list[dict[Key, One]] = []
    for kind in range(max((len(row.ids) for row in rows.values()), default=0)):
        by_kind = {}
        for key, row in rows.items():
            said = _plain(row.ids[kind]) if kind < len(row.ids) else ""
            said = said if said in exact else folded.get(fold(said), "")
            if said in exact:
                by_kind[key] = exact[said]
        kinds.append(by_kind)
    found: dict[Key, One] = {}
    for by_kind in sorted(kinds, key=len, reverse=True):
        used = {one.student for one in found.values()}
        found |= {
            key: one for key, one in by_kind.items() if key not in found and one.student not in used
        }
    by_name = _only({one: name_key(student.name) for one, student in exact.items()})
    used = {one.student for one in found.values()}
    for name, key in _only({key: name_key(row.name) for key, row in rows.items()}).items():
        one = exact.get(by_name.get(name, ""))
        if one is not None and key not in found and one.student not in used:
            found[key] = one
    return found


def _only(said: Mapping[Key, str]) -> dict[str, Key]:
    """By what is said of it, what it is said of, where it is said of nothing else."""
    counts = Counter(said.values())
    return {text: key for key, text in said.items() if text and counts[text] == 1}


def fold(student: str) -> str:
    """What an id has in common with itself as others write it.

    That is without capitals, signs that nobody sees, and the zeros in front of a number, which
    spreadsheets take.
    """
    text = unicodedata.normalize("NFKC", student).casefold()
    plain = " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())
    return plain.lstrip("0") or "0" if plain.isdecimal() else plain


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def name_key(name: str) -> str:
    """A name whatever its order: `Wonder, Alice` and `Alice Wonder` are one."""
    plain = unicodedata.normalize("NFC", name).casefold()
    return " ".join(sorted(re.findall(r"\w+", plain)))
