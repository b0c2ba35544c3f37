"""A failing case as a script to paste: the same calls in plain Python, without the sandbox."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.course.kata import Kata
from grader.judge.conversation import Exchange
from grader.judge.counterexample import Story, Told, is_array
from grader.text import neutral
from grader.wire.messages import Call, HandleRef

TENSORS = '''\
def tensors(value):
    """The tensors of an answer, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    parts = value if isinstance(value, (tuple, list)) else ()
    return [tensor for part in parts for tensor in tensors(part)]
'''


def script_of(kata: Kata, exchanges: Sequence[Exchange], *, module: str | None) -> str:
    """Python that makes a case's calls and prints the last answer, or its gradients.

    Args:
        kata: whose case it is.
        exchanges: the case.
        module: the module that holds the submission; None where the script is pasted below it.
    """
    told = Story(kata, exchanges).whole()  # an earlier call may have left something behind
    body: list[str] = []
    for number, one in enumerate(told):
        body += _lines(one, last=number == len(told) - 1)
    text = "\n".join(body)
    head = []
    if "float('inf')" in text or "float('nan')" in text:
        text = text.replace("float('inf')", "inf").replace("float('nan')", "nan")
        head.append("from math import inf, nan\n")
    head += [f"import {name}" for name in ("numpy", "torch") if f"{name}." in text]
    if module is not None:
        names = {one.function.partition(".")[0] for one in told} - {one.result for one in told}
        head += ["", f"from {module} import {', '.join(sorted(names))}"]
    if "tensors(" in text:
        head += ["", "", TENSORS]
    return neutral("\n".join([*head, "", text, ""])).lstrip("\n")


def _lines(told: Told, *, last: bool) -> Iterator[str]:
    """One call: its longer arguments, the call, and for the last one what it answers."""
    call = told.exchange.call
    assert isinstance(call, Call)
    renamed = {}
    for name, value, text in told.arguments:
        if not text:
            renamed[name] = name if name.isidentifier() else name.replace(" ", "_")
            yield f"{renamed[name]} = {_literal(value)}"
    told = told._replace(
        arguments=tuple((renamed.get(name, name), v, text) for name, v, text in told.arguments)
    )
    if call.seed is not None:
        yield f"torch.manual_seed({call.seed})"
    if not last and told.exchange.error is not None:
        yield f"try:\n    {told.text}\nexcept Exception as error:\n    print(error)"
        return
    if not last:
        yield told.text
        return
    if call.cotangents is None:
        yield f"answer = {told.text}"
        yield "print(answer)"
        return
    given = ", ".join(name for name, _, text in told.arguments if not text)
    yield f"given = tensors([{given}])"
    owner = told.function.partition(".")[0]
    wanted = [
        f"given[{one}]" if isinstance(one, int) else f"dict({owner}.named_parameters())[{one!r}]"
        for one in call.wrt
    ]
    yield f"wanted = [{', '.join(wanted)}]"
    yield "for one in wanted:"
    yield "    one.requires_grad_()"
    yield f"answer = {told.text}"
    weights = call.cotangents if isinstance(call.cotangents, tuple | list) else (call.cotangents,)
    yield f"weights = {_literal(list(weights))}"
    yield "pairs = zip(tensors(answer), weights)"
    yield "sum((one * weight).sum() for one, weight in pairs if weight is not None).backward()"
    yield "for one in wanted:"
    yield "    print(one.grad)"


def _shortest(numbers: Any, dtype: str) -> Any:
    """Numbers with as few digits as tell them from their neighbours in that dtype."""
    if isinstance(numbers, list):
        return [_shortest(one, dtype) for one in numbers]
    return float(str(np.dtype(dtype).type(numbers))) if dtype in ("float32", "float16") else numbers


def _literal(value: Any) -> str:
    """A value as Python writes it, every number in full."""
    if isinstance(value, HandleRef):
        return "None"
    if is_array(value):
        dtype = str(value.dtype).removeprefix("torch.")
        maker = "torch.tensor" if hasattr(value, "numel") else "numpy.array"
        library = maker.partition(".")[0]
        numbers = _literal(_shortest(value.tolist(), dtype))
        text = f"{maker}({numbers}, dtype={library}.{dtype})"
        if 0 in value.shape:
            text += f".reshape({', '.join(map(str, value.shape))})"
        return text
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_literal(item)}' for key, item in value.items())}}}"
    if isinstance(value, float) and repr(value) in ("inf", "-inf", "nan"):
        return f"{'-' if value < 0 else ''}float({repr(abs(value))!r})"
    return repr(value)
