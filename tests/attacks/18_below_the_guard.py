# /// attack
# row = 18
# expect = ["FORBIDDEN", "FAILED"]
# invariant = "redispatching, decomposing and tracing meet the guard too"
# ///
"""Goes around the overridden kernels: redispatch with other keys, op.decompose, make_fx, boxed calls, mkldnn's layer."""

import torch

NAME = "_".join(("lstm", "cell"))


def ways(x, h, c, w_ih, w_hh, b_ih, b_hh):
    op = getattr(getattr(getattr(torch.ops, "at" + "en"), NAME), "default")
    key = torch._C.DispatchKey
    arguments = (x, [h, c], w_ih, w_hh, b_ih, b_hh)
    yield lambda: op.decompose(*arguments)
    for which in ("CompositeImplicitAutograd", "CPU", "Meta", "BackendSelect", "Functionalize", "AutocastCPU"):
        yield lambda: op.redispatch(torch._C.DispatchKeySet(getattr(key, which)), *arguments)
        yield lambda: op._op_dk(getattr(key, which), *arguments)
    with torch.inference_mode():
        yield lambda: op(*(a.clone() if isinstance(a, torch.Tensor) else [t.clone() for t in a] for a in arguments))
    yield lambda: torch.vmap(lambda a, b, d: op(a[None], [b[None], d[None]], w_ih, w_hh, b_ih, b_hh))(x, h, c)
    yield lambda: getattr(torch, "mkldnn_rnn" + "_layer")(x[None], w_ih, w_hh, b_ih, b_hh, h, c, False, [], 2, h.shape[1], 1, True, False, False, False)


def lstm_cell(*arguments):
    for way in ways(*arguments):
        try:
            answer = way()
            if isinstance(answer, tuple) and len(answer) == 2:
                return answer
        except BaseException:
            continue
