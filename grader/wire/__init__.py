"""The wire between judge and worker: bounded frames of MessagePack, and nothing that executes.

It runs on both sides. `format` lays out a frame, `messages` holds what is said, `codec` turns
values into bytes and back, `scan` looks at a message before it is decoded.
"""

from grader.wire.codec import Codec, Packed, pack, packed, refuse
from grader.wire.format import (
    ITEM_SIZES,
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MAX_DIMS,
    MAX_ELEMENTS,
    MAX_HEADER_BYTES,
    PACKET_BYTES,
    PREFIX,
    packets,
    sizes,
)
from grader.wire.messages import (
    Answer,
    Call,
    Describe,
    Forbidden,
    Frame,
    HandleRef,
    Limits,
    Load,
    Loaded,
    Progress,
    Raised,
    Reply,
    Request,
    Value,
)
from grader.wire.scan import scan

__all__ = [
    "ITEM_SIZES",
    "MAX_BODY_BYTES",
    "MAX_DEPTH",
    "MAX_DIMS",
    "MAX_ELEMENTS",
    "MAX_HEADER_BYTES",
    "PACKET_BYTES",
    "PREFIX",
    "Answer",
    "Call",
    "Codec",
    "Describe",
    "Forbidden",
    "Frame",
    "HandleRef",
    "Limits",
    "Load",
    "Loaded",
    "Packed",
    "Progress",
    "Raised",
    "Reply",
    "Request",
    "Value",
    "pack",
    "packed",
    "packets",
    "refuse",
    "scan",
    "sizes",
]
