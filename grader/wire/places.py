"""Places at which a submission is asked the same again: another dtype, another device."""

from typing import Literal

from msgspec import Struct

DEVICES = ("auto", "cpu", "meta", "cuda", "all")
Devices = Literal["auto", "cpu", "meta", "cuda", "all"]


class Place(Struct, frozen=True):
    """A device and a dtype.

    Args:
        device: "cpu", "cuda", or "meta", on which tensors have shapes and no values.
        dtype: the name of torch's.
        tf32: whether products of float32 may be rounded to TensorFloat-32 (CUDA).
    """

    device: str
    dtype: str
    tf32: bool = False

    @property
    def name(self) -> str:
        """For people: "cuda float32 (tf32)"."""
        return f"{self.device} {self.dtype}{' (tf32)' if self.tf32 else ''}"

    @property
    def check(self) -> str:
        """The name of its check."""
        return f"on_{self.device}_{self.dtype}{'_tf32' if self.tf32 else ''}"


HERE = Place("cpu", "float32")
"""Where submissions are asked if nothing is said: on the CPU, in the dtypes of the cases."""
ELSEWHERE = {
    "cpu": (Place("cpu", "bfloat16"), Place("cpu", "float16")),
    "meta": (Place("meta", "float32"),),
    "cuda": (
        Place("cuda", "float32"),
        Place("cuda", "float32", tf32=True),
        Place("cuda", "bfloat16"),
        Place("cuda", "float64"),
    ),
}


def places(devices: Devices) -> tuple[Place, ...]:
    """Where to ask again.

    Args:
        devices: "cpu": nowhere else. "meta": without values. "cuda": on the GPU. "all": on all of
            these, and on the CPU in low precision. "auto": all of it where there is a GPU, and
            nowhere else where there is none.
    """
    if devices == "cpu" or (devices == "auto" and not has_cuda()):
        return ()
    if devices in ("all", "auto"):
        return tuple(place for group in ELSEWHERE.values() for place in group)
    return ELSEWHERE[devices]


def has_cuda() -> bool:
    """Whether torch sees a GPU (and was built for one)."""
    import torch

    return torch.cuda.is_available()
