"""Reading a submission out of a notebook.

Its code cells, in order, as one Python file. Nothing of it is run or rendered here.
"""

import json
import re
import warnings
from typing import Any

_MAGIC = re.compile(r"\s*(%[A-Za-z_]|!(?!=)|\?+\w)")


class NotebookError(Exception):
    """The file is no notebook that can be read; the message says why."""


def code_of_notebook(data: bytes) -> bytes:
    """The code cells of a notebook (format 3 or 4) as the source of one module.

    Cells that begin with a cell magic (`%%bash`) are left out; lines that begin with `%`, `!` or
    `?` become comments, so that line numbers within a cell stay what they were.

    Raises:
        NotebookError: it is not JSON, or not a notebook.
    """
    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # duplicate cell ids and the like do not matter here
            read: Any = nbformat.reads  # untyped
            book = read(data.decode("utf-8"), as_version=4)
        cells = [cell["source"] for cell in book["cells"] if cell["cell_type"] == "code"]
        if not all(isinstance(source, str) for source in cells):
            raise NotebookError("a code cell holds no text")
    except UnicodeDecodeError as error:
        raise NotebookError(f"the notebook is not UTF-8 text (byte {error.start:,})") from None
    except (json.JSONDecodeError, nbformat.reader.NotJSONError):
        raise NotebookError("the notebook is not valid JSON") from None
    except RecursionError:
        raise NotebookError("the notebook is nested too deeply") from None
    except NotebookError:
        raise
    except Exception as error:
        text = str(error).partition("\n")[0]
        raise NotebookError(f"the notebook is malformed: {text[:200]}") from None
    parts = [
        f"# In [{number}]\n{_plain(source)}\n"
        for number, source in enumerate(cells, 1)
        if not source.lstrip().startswith("%%")
    ]
    return "\n".join(parts).encode("utf-8", "surrogatepass")


def _plain(source: str) -> str:
    """A cell without its magics and shell lines."""
    return "\n".join(f"# {line}" if _MAGIC.match(line) else line for line in source.splitlines())
