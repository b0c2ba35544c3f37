# /// attack
# row = 38
# expect = ["FORBIDDEN", "FAILED"]
# invariant = "an operator is forbidden by what it does, under every name that torch keeps it"
# ///
"""The cell through torch._C, _VF, fused and mkldnn kernels, quantised ones, and the functions of loaded modules."""

import sys

T = vars(sys)["modules"]["to" + str("rch")]


def ways(x, h, c, w_ih, w_hh, b_ih, b_hh):
    name = "_".join(["lstm", "cell"])
    weights = (w_ih, w_hh, b_ih, b_hh)
    yield lambda: getattr(T._C._VariableFunctions, name)(x, (h, c), *weights)
    yield lambda: getattr(vars(sys)["modules"]["torch._VF"], name)(x, (h, c), *weights)
    yield lambda: getattr(getattr(T, "ops"), "at" + "en").__getattr__(name).default(x, (h, c), *weights)
    yield lambda: getattr(T._C._VariableFunctions, "_thnn_fused_" + name)(x @ w_ih.T, h @ w_hh.T, c, b_ih, b_hh)[:2]
    def fused():
        layer = getattr(T._C._VariableFunctions, "mkldnn_" + "rnn_layer")
        out = layer(x[None], w_ih, w_hh, b_ih, b_hh, h, c, False, [], 2, h.shape[1], 1, True, False, False, False)
        return out[1], out[2]
    yield fused
    def packed():
        out = getattr(T._C._VariableFunctions, "ls" + "tm")(x[None], (h[None], c[None]), list(weights), True, 1, 0.0, False, False, False)
        return out[1][0], out[2][0]
    yield packed
    for module in list(vars(sys)["modules"].values()):
        function = getattr(module, "__dict__", {}).get(name)
        if callable(function):
            yield lambda function=function: function(x, (h, c), *weights)


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    for way in ways(x, h, c, w_ih, w_hh, b_ih, b_hh):
        try:
            return way()
        except BaseException:
            continue
