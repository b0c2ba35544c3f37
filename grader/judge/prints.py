"""What a submission prints while a check runs, by the case in which it printed it."""


class Prints:
    """Collects what is printed. Everything in it is a submission's.

    Args:
        most: how many bytes of a check, and how many of a case, are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._case = 0
        self._texts: dict[int, bytearray] = {}
        self._kept = 0
        self._dropped = 0
        self._last = bytearray()
        self._last_dropped = 0

    def begin_case(self) -> None:
        """What follows is of the next case."""
        self._case += 1
        self._last, self._last_dropped = bytearray(), 0

    def add(self, text: bytes, dropped: int = 0) -> None:
        """Keep what was printed; `dropped` bytes more were cut off before."""
        kept = text[: self._most - self._kept]
        if kept:
            self._texts.setdefault(self._case, bytearray()).extend(kept)
            self._kept += len(kept)
        self._dropped += dropped + len(text) - len(kept)
        room = self._most - len(self._last)
        self._last += text[:room]
        self._last_dropped += dropped + max(0, len(text) - room)

    @property
    def of_case(self) -> str:
        """What was printed in this case."""
        return _with_cut(_decoded(self._last), self._last_dropped)

    @property
    def whole(self) -> str:
        """What was printed in all cases; where there are several, each stands below its number."""
        if self._case <= 1:
            return _with_cut("".join(map(_decoded, self._texts.values())), self._dropped)
        parts = [
            f"[case {case}]\n{_decoded(text)}".removesuffix("\n")
            for case, text in self._texts.items()
        ]
        return _with_cut("\n".join(parts), self._dropped)


def _decoded(text: bytearray) -> str:
    return text.decode("utf-8", "replace")


def _with_cut(text: str, dropped: int) -> str:
    return f"{text}\n[{dropped:,} more bytes were printed]" if dropped else text
