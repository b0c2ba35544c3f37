"""The recipes of docs/ci.md: each parses, and every command in them exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.cli.main import parser

PAGE = Path(__file__).parents[1] / "docs" / "ci.md"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
YAML = [text for kind, text in BLOCKS if kind == "yaml"]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def commands() -> list[list[str]]:
    texts = [text for kind, text in BLOCKS if kind == ""]
    texts += [text for block in YAML for text in strings(yaml.safe_load(block))]
    found = []
    for text in texts:
        for line in re.findall(r"^\s*(kata .*)$", text.replace("\\\n", " "), re.M):
            words = shlex.split(line)
            found.append(words[1 : next((n for n, w in enumerate(words) if ">" in w), None)])
    return found


def test_the_workflows_are_what_their_services_read() -> None:
    check, grade, gitlab = map(yaml.safe_load, YAML)
    for workflow in (check, grade):
        assert workflow["permissions"] == {"contents": "read"}
        [job] = workflow["jobs"].values()
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False
    assert gitlab["katas"]["artifacts"]["reports"]["junit"] == "katas.xml"


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_exists(words: list[str]) -> None:
    assert parser().parse_args(words).run


def test_there_are_commands() -> None:
    assert {words[0] for words in commands()} >= {"check", "grade", "export", "stats", "feedback"}


def test_the_python_in_it_compiles() -> None:
    for kind, text in BLOCKS:
        if kind == "python":
            compile(text, str(PAGE), "exec")
