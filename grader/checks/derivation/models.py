"""Models that several questions share, for one unit: every letter is a number."""

from grader.checks.derivation.model import Model

LSTM = Model(
    inputs="x",
    parameters="w_i u_i b_i w_f u_f b_f w_g u_g b_g w_o u_o b_o",
    equations=(
        "a_i[t] = w_i*x[t] + u_i*h[t-1] + b_i",
        "a_f[t] = w_f*x[t] + u_f*h[t-1] + b_f",
        "a_g[t] = w_g*x[t] + u_g*h[t-1] + b_g",
        "a_o[t] = w_o*x[t] + u_o*h[t-1] + b_o",
        "i[t] = σ(a_i[t])",
        "f[t] = σ(a_f[t])",
        "g[t] = tanh(a_g[t])",
        "o[t] = σ(a_o[t])",
        "c[t] = f[t]*c[t-1] + i[t]*g[t]",
        "h[t] = o[t]*tanh(c[t])",
    ),
)
"""Hochreiter, Schmidhuber (1997); the forget gate is of Gers, Schmidhuber, Cummins (2000)."""

GRU = Model(
    inputs="x",
    parameters="w_r u_r b_r w_z u_z b_z w_n u_n b_in b_hn",
    equations=(
        "a_r[t] = w_r*x[t] + u_r*h[t-1] + b_r",
        "a_z[t] = w_z*x[t] + u_z*h[t-1] + b_z",
        "r[t] = σ(a_r[t])",
        "z[t] = σ(a_z[t])",
        "n[t] = tanh(w_n*x[t] + b_in + r[t]*(u_n*h[t-1] + b_hn))",
        "h[t] = (1 - z[t])*n[t] + z[t]*h[t-1]",
    ),
)
"""Cho et al. (2014), with the reset gate behind the matrix product, as cuDNN and torch have it."""


def coupled(equation: str) -> Model:
    """The LSTM with one gate tied to another: ``"i[t] = 1 - f[t]"``. Greff et al. (2017)."""
    return LSTM.changed(equation)


def peepholes(blocks: str) -> Model:
    """The LSTM in which some gates see the memory: i and f see c[t-1], o sees c[t].

    Gers, Schmidhuber (2000). Weights are p_i, p_f and p_o.

    Args:
        blocks: the gates, ``"if"``.
    """
    equations = (
        f"a_{k}[t] = w_{k}*x[t] + u_{k}*h[t-1] + p_{k}*c[t{'' if k == 'o' else '-1'}] + b_{k}"
        for k in blocks
    )
    return LSTM.changed(*equations, parameters=" ".join(f"p_{k}" for k in blocks))


RNN = Model(
    inputs="x",
    parameters="w u b",
    equations=("a[t] = w*x[t] + u*h[t-1] + b", "h[t] = tanh(a[t])"),
)
"""Elman (1990), with one bias."""

RESIDUAL = Model(equations=("x[l] = x[l-1] + F[l](x[l-1])",), unknown="F")
"""He et al. (2016): block l adds F[l] of its input to its input."""
