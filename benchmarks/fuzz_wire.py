#!/usr/bin/env python
"""Fuzz the judge's reader of frames with atheris, by hand (`pip install atheris` first).

    python benchmarks/fuzz_wire.py CORPUS -max_total_time=300 -max_len=4096

Whatever bytes a worker sends, the codec answers with a message or with `WireError`: another
exception, a crash, a hang (`-timeout=5`) or too much memory (`-rss_limit_mb=2048`) is a finding,
and libFuzzer writes the bytes to a file. CORPUS is a folder; it is begun with honest frames.

`benchmarks/fuzz_wire.py SMALL CORPUS -merge=1` keeps what is needed of it (libFuzzer starts the
script itself, so PATH has to lead to this environment's Python): `tests/wire/corpus`.
"""

import struct
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grader.wire"]):
    from grader import wire

import numpy as np
import torch

from grader.errors import WireError
from grader.wire import Answer, Codec, Frame, HandleRef, Loaded, Raised, Reply, Request


def keep(value: object) -> HandleRef:
    """Stand for an object by a handle, as a worker does."""
    return HandleRef(0, type(value).__name__)


worker = Codec(keep=keep, find=lambda handle: handle, incoming=Request)
judge = Codec(keep=keep, find=lambda handle: handle, incoming=Reply)


def one(data: bytes) -> None:
    """Read some bytes as a frame: a prefix that may lie, a header, a body."""
    if len(data) < wire.PREFIX.size:
        return
    try:
        header, body = wire.sizes(data[: wire.PREFIX.size], max_body=1 << 20)
        rest = data[wire.PREFIX.size :]
        message = judge.decode(rest[:header], rest[header : header + body])
    except WireError:
        return
    if not isinstance(message, Reply):
        raise AssertionError(f"{type(message)} is no reply")


def begin(corpus: Path) -> None:
    """Write honest frames to an empty corpus."""
    corpus.mkdir(parents=True, exist_ok=True)
    if any(corpus.iterdir()):
        return
    messages = (
        Loaded(1),
        Answer(1, (torch.zeros(2, 3), torch.ones(1, dtype=torch.bool))),
        Answer(
            1, {"a": [1, 2.5, None, b"x"], "b": np.arange(4)}, inputs=(object(),), gradients=(None,)
        ),
        Raised(1, "exception", "ValueError", "no", (Frame(3, "f", "raise"),)),
    )
    for number, message in enumerate(messages):
        (corpus / f"honest-{number}").write_bytes(b"".join(worker.encode(message)))
    (corpus / "lie").write_bytes(struct.pack(">IQ", 2, 1 << 63) + b"\x91\xc0")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        if not argument.startswith("-"):
            begin(Path(argument))
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
