"""Puts the course into the wheel, and only there; an editable install reads the checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CourseHook(BuildHookInterface):
    """Ships `katas/` and `solutions/` below `grader/built_in/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add both folders, unless the build is an editable one."""
        if version == "standard":
            for folder in ("katas", "solutions"):
                build_data["force_include"][folder] = f"grader/built_in/{folder}"
