"""What goes wrong where code runs in another dtype or on another device, in words that help."""

import re

from grader.checks.submission import SubmissionError
from grader.wire.places import Place

OTHER_DEVICE = re.compile(
    r"is not on the expected device|to be on the same device|found at least two devices|"
    r"not at the same device|its answer is on"
)
NO_NUMPY = re.compile(r"device type tensor to numpy")
NO_VALUES = re.compile(r"cannot be called on meta tensors|Cannot copy out of meta tensor")
OTHER_DTYPE = re.compile(
    r"(?:same|scalar) (?:data ?)?type|same dtype|expected .* dtype|must match", re.I
)
WHERE_INPUTS_ARE = "x.new_zeros(...), torch.zeros_like(x), or torch.zeros(..., device=x.device)"


def cannot_be_asked(error: SubmissionError, place: Place) -> str:
    """Why a submission cannot be asked at that place, which is no mistake; empty where it can."""
    asks = error.kind == "not_implemented" or NO_VALUES.search(error.message)
    if place.device == "meta" and asks:
        return "It looks at values, and on the device meta there are none."
    if error.kind == "not_implemented":
        return f"torch has no such operation on {place.name}: {error.message[:200]}"
    return ""


def advice(error: SubmissionError, place: Place) -> str:
    """What to do about an error at that place; empty where that is not known."""
    source = error.frames[-1].source if error.frames else ""
    if ".cuda(" in source and place.device != "cuda":
        return (
            "`.cuda()` is written in, so the code runs on a GPU alone. Make new tensors where the "
            f"inputs are: {WHERE_INPUTS_ARE}."
        )
    if NO_NUMPY.search(error.message) or ".numpy(" in source:
        return "NumPy computes on the CPU alone. Stay with torch's operations."
    if OTHER_DEVICE.search(error.message):
        return (
            f"The inputs are on {place.device}, and a tensor that your code makes is not. Make it "
            f"where the inputs are: {WHERE_INPUTS_ARE}."
        )
    if OTHER_DTYPE.search(error.message):
        return (
            f"The inputs are {place.dtype}, and a tensor that your code makes is not. Make it in "
            "the dtype of the inputs: x.new_zeros(...), or dtype=x.dtype."
        )
    return ""
