# /// attack
# row = 38
# kata = "practice/clip_gradients"
# expect = ["FORBIDDEN"]
# invariant = "a library's file that is run again, by any loader and name, gives nothing of what was stopped"
# ///
"""The module of torch's clipping once more: reloaded, run as a script, from its file, from its code."""

import importlib
import importlib.util
import math
import runpy
import sys
import types

import torch

NAME = "clip_grad" + str("_norm_")
MODULE = sys.modules["torch.nn.utils." + "clip_" + str("grad")]


def from_file():
    spec = importlib.util.spec_from_file_location("mine", MODULE.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


def from_code():
    found = {"__name__": "mine"}
    exec(MODULE.__spec__.loader.get_code(MODULE.__name__), found)
    return found


def from_its_parts():
    code = MODULE.__spec__.loader.get_code(MODULE.__name__)
    parts = {one.co_name: one for one in code.co_consts if isinstance(one, types.CodeType)}
    made = {name: types.FunctionType(one, dict(vars(MODULE))) for name, one in parts.items()}
    for one in made.values():
        one.__globals__.update(made)
    return made


def by_another_function():
    code = MODULE.__spec__.loader.get_code(MODULE.__name__)
    found = dict(vars(MODULE))
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            def mine():
                pass
            mine.__code__ = one
            found[one.co_name] = mine
    return found


def clip():
    for way in (
        lambda: vars(importlib.reload(MODULE)),
        lambda: runpy.run_path(MODULE.__file__),
        from_file,
        from_code,
        from_its_parts,
        by_another_function,
        lambda: vars(MODULE),
    ):
        try:
            return way()[NAME]
        except BaseException:
            continue


CLIP = clip()


def clip_global_norm(grads, max_norm):
    parameters = [torch.nn.Parameter(torch.zeros_like(g.double())) for g in grads]
    for parameter, grad in zip(parameters, grads):
        parameter.grad = grad.double()
    norm = float(CLIP(parameters, max_norm))
    if not math.isfinite(norm):
        raise ValueError(norm)
    return [p.grad.to(g.dtype) for p, g in zip(parameters, grads)], norm
