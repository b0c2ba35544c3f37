"""Pages of Markdown in a terminal. What needs no page never imports a parser of them."""

import os
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Markdown, MarkdownElement
from rich.text import Text


class _Code(CodeBlock):
    """A block of code or formulas: indented, not coloured."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in str(self.text).rstrip().splitlines():
            yield Text(f"  {line}", overflow="fold")


class _Markdown(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "fence": _Code,
        "code_block": _Code,
    }


def markdown(out: Console, text: str) -> None:
    """A task's README (trusted text: the course's own); on a terminal in a pager, from its top."""
    shown = _Markdown(text, hyperlinks=False)
    if not out.is_terminal:
        out.print(shown)
        return
    # As Git does: colours stay, what fits is shown at once, and it is still there afterwards.
    os.environ.setdefault("LESS", "FRX")
    with out.pager(styles=not out.no_color):
        out.print(shown)
