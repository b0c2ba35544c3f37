"""Whose the submissions in an export of Gradescope are, as its `submission_metadata.yml` says.

The file is YAML as Ruby writes it, of which a few lines of known shape are read. What a submission
printed stands in it too, always deeper than these lines.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

FILE = "submission_metadata.yml"
MOST_BYTES = 1 << 26
_SUBMISSION = re.compile(r"(submission_\d+):\s*")
_SUBMITTERS = re.compile(r"  :submitters:\s*")
_OF_ONE = re.compile(r"  (?P<new>- |  ):(?P<key>\w+): ?(?P<said>.*)")
_CREATED = re.compile(
    r"  :created_at: ['\"]?(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[.\d]* ?(Z|UTC|[+-]\d\d:?\d\d).*"
)


class Submitter(Struct):
    """Somebody who has handed in a submission, alone or in a group."""

    name: str = ""
    sid: str = ""
    email: str = ""


class Submission(Struct):
    """Who has handed in what lies in a folder, and when, in ISO 8601."""

    submitters: list[Submitter]
    at: str = ""


def read_metadata(data: bytes) -> Mapping[str, Submission]:
    """The submissions by the names of their folders; what cannot be read is left out."""
    found: dict[str, Submission] = {}
    one: Submission | None = None
    inside = False
    for line in data.decode("utf-8", "replace").split("\n"):
        line = line.rstrip("\r")
        if line[:1] not in ("", " ", "-"):
            match = _SUBMISSION.fullmatch(line)
            one = found.setdefault(match[1], Submission([])) if match else None
            inside = False
        elif one is None:
            continue
        elif _SUBMITTERS.fullmatch(line):
            inside = True
        elif inside and (match := _OF_ONE.fullmatch(line)):
            if match["new"] == "- ":
                one.submitters.append(Submitter())
            if one.submitters and match["key"] in Submitter.__struct_fields__:
                setattr(one.submitters[-1], match["key"], _scalar(match["said"]))
        elif match := _CREATED.fullmatch(line):
            zone = "+00:00" if match[3] in ("Z", "UTC") else match[3]
            inside = False
            with suppress(ValueError):
                one.at = datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}").isoformat()
        elif line.startswith("  :"):
            inside = False
    return found


def _scalar(said: str) -> str:
    said = said.strip()
    if len(said) >= 2 and said[0] == said[-1] == "'":
        return said[1:-1].replace("''", "'")
    if said.startswith('"'):
        with suppress(ValueError):
            return str(json.loads(said))
    return "" if said in ("~", "null", "''", '""') else said.strip("\"'")
