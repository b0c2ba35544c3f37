"""What a kata asks one to write is not to be had from torch, by whatever door; honest code runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from grader.course.catalog import Course
from grader.judge.grader import Grader
from grader.worker.forbidden import SIDE_DOORS

JACOBIAN = """
import torch

def direct_path(f):
    return f.prod(dim=0)

def step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (w_ih @ x + b_ih + w_hh @ h + b_hh).chunk(4)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c

def last(c0, xs, h, weights):
    for x in xs:
        h, c0 = step(x, h, c0, *weights)
    return c0

def hidden(*words):
    import importlib
    return importlib.import_module(".".join(["torch", *words]))

def full_jacobian(xs, h0, c0, *weights):
    BODY
"""

_WALK = """
    def back(node, seed):
        if type(node).__name__ == "AccumulateGrad":
            return seed if node.variable is c else 0
        seeds = node(*seed) if isinstance(seed, tuple) else node(seed)
        seeds = seeds if isinstance(seeds, tuple) else (seeds,)
        pairs = zip(node.next_functions, seeds)
        return sum(back(to[0], seed) for to, seed in pairs if to[0] and seed is not None)
"""

# Each takes the module by a name that is put together while it runs.
JACOBIANS = {
    "functional": 'return hidden("autograd", "functional").jacobian('
    "lambda c: last(c, xs, h0, weights), c0)",
    "functorch": 'return hidden("_functorch", "apis").jacrev('
    "lambda c: last(c, xs, h0, weights))(c0)"
    if hasattr(__import__("torch._functorch.apis"), "jacrev")
    else 'return hidden("_functorch", "eager_transforms").jacrev('
    "lambda c: last(c, xs, h0, weights))(c0)",
    "forward mode through functorch": 'return hidden("_functorch", "eager_transforms").jacfwd('
    "lambda c: last(c, xs, h0, weights))(c0)",
    "the engine": """
    c = c0.detach().clone().requires_grad_()
    out = last(c, xs, h0, weights)
    engine = hidden("autograd", "variable").Variable._execution_engine
    rows = [engine.run_backward((e,), (torch.ones_like(e),), True, False, (c,), True,
                                accumulate_grad=False)[0] for e in out]
    return torch.stack(rows)""",
    "an engine of one's own": """
    c = c0.detach().clone().requires_grad_()
    out = last(c, xs, h0, weights)
    engine = hidden("_C")._ImperativeEngine()
    rows = [engine.run_backward((e,), (torch.ones_like(e),), True, False, (c,), True,
                                accumulate_grad=False)[0] for e in out]
    return torch.stack(rows)""",
    "backward of a tensor": """
    c = c0.detach().clone().requires_grad_()
    rows = []
    for n in range(len(c0)):
        c.grad = None
        getattr(last(c, xs, h0, weights)[n], "back" + "ward"[:4])()
        rows.append(c.grad)
    return torch.stack(rows)""",
    "dual numbers": """
    forward = hidden("autograd", "forward_ad")
    columns = []
    with forward.dual_level():
        for d in torch.eye(len(c0), dtype=c0.dtype):
            c = last(forward.make_dual(c0, d), xs, h0, weights)
            columns.append(forward.unpack_dual(c).tangent)
    return torch.stack(columns, dim=1)""",
}

# Nothing of Python's that takes gradients is called: C++ does, or the graph is walked by hand.
JACOBIANS |= {
    "the operator": """
    c = c0.detach().clone().requires_grad_()
    rows = []
    for n in range(len(c0)):
        c.grad = None
        getattr(torch.ops.aten, "_back" + str("ward"))(last(c, xs, h0, weights)[n], [c])
        rows.append(c.grad)
    return torch.stack(rows)""",
    "TorchScript": """
    c = c0.detach().clone().requires_grad_()
    call = ".".join(["torch", "auto" + str("grad"), "grad([y], [x])[0]"])
    unit = torch.jit.CompilationUnit("def f(y, x):\\n    return " + call + chr(10))
    return torch.stack([unit.f(e, c) for e in last(c, xs, h0, weights)])""",
    "the engine's own type": """
    c = c0.detach().clone().requires_grad_()
    [kind] = [k for k in object.__subclasses__() if k.__name__.endswith("ngine" + str("Base"))]
    take = lambda e: kind().run_backward((e,), (torch.ones_like(e),), True, False, (c,), True,
                                         accumulate_grad=False)[0]
    return torch.stack([take(e) for e in last(c, xs, h0, weights)])""",
    "the nodes of the graph": _WALK
    + """
    c = c0.detach().clone().requires_grad_()
    return torch.stack([back(e.grad_fn, torch.ones_like(e)) for e in last(c, xs, h0, weights)])""",
}

# torch asks only the hooks that were pushed last, and each thread has its own.
_ROWS = """
    c = c0.detach().clone().requires_grad_()
    rows = []
    HOOKS:
        for n in range(len(c0)):
            c.grad = None
            out = last(c, xs, h0, weights)
            ROW
            rows.append(c.grad)
    return torch.stack(rows)"""
_NODES = "c.grad = back(out[n].grad_fn, torch.ones_like(out[n]))"
_OPERATOR = 'getattr(torch.ops.aten, "_back" + str("ward"))(out[n], [c])'
_HOOKS = {
    "hooks of its own": 'graph = hidden("auto" + str("grad"), "graph")\n'
    "    with graph.saved_tensors_hooks(lambda saved: saved, lambda saved: saved)",
    "tensors kept elsewhere": 'with hidden("auto" + str("grad"), "graph").save_on_cpu()',
    "without the last hooks": 'getattr(hidden("_C"), "_auto" + str("grad"))'
    "._pop_saved_tensors_default_hooks()\n    if True",
    "as if it traced": 'getattr(hidden("_C"), "_auto" + str("grad"))'
    "._saved_tensors_hooks_set_tracing(True)\n    if True",
    "another thread": """import threading
    def work():
        for n in range(len(c0)):
            c.grad = None
            out = last(c, xs, h0, weights)
            ROW
            rows.append(c.grad)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    while False""",
}
JACOBIANS |= {
    f"{how}, {name}": _WALK + _ROWS.replace("HOOKS", hooks).replace("ROW", row)
    for how, hooks in _HOOKS.items()
    for name, row in {"node by node": _NODES, "the operator": _OPERATOR}.items()
}

CLIPS = """
import importlib

import torch

def clip_global_norm(grads, max_norm):
    clip = importlib.import_module(".".join(["torch", "nn", "utils", "clip_grad"]))
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    for parameter, grad in zip(parameters, grads):
        parameter.grad = grad.clone()
    norm = getattr(clip, "clip_grad" + str("_norm_"))(parameters, max_norm)
    return [p.grad for p in parameters], float(norm)
"""

NORMS = """
import torch

def norm(y, ln, blocks, eps):
    y = y.unflatten(1, (blocks, -1))
    module = getattr(torch.ops, "at" + str("en"))
    out = getattr(module, "native_layer" + str("_norm"))(y, [y.shape[-1]], None, None, eps)[0]
    return out.flatten(1) * ln[0] + ln[1]

def layer_norm_cell(x, h, c, w_ih, w_hh, ln_ih, ln_hh, ln_c, stored, eps=1e-5):
    a = norm(x @ w_ih.T, ln_ih, 4, eps) + norm(h @ w_hh.T, ln_hh, 4, eps)
    i, f, g, o = a.chunk(4, dim=1)
    new = f.sigmoid() * c + i.sigmoid() * g.tanh()
    normed = norm(new, ln_c, 1, eps)
    return o.sigmoid() * normed.tanh(), new if stored == "c" else normed
"""

# The arithmetic alone, under a name that holds no kind of norm.
ARITHMETIC = re.sub(
    r"    module = .*\n    out = .*\n",
    """    refs = __import__("importlib").import_module(".".join(["torch", "_refs"]))
    out = refs._normalize(y, [2], eps)[0]
""",
    NORMS,
)

COUNTS = """
import sys

def parameter_count(kind, input_size, hidden_size, **options):
    torch = vars(sys)["modules"]["to" + str("rch")]
    return sum(p.numel() for p in torch.nn.LSTM(input_size, hidden_size).parameters())
"""

# Where all of torch is forbidden, it is still alive: its classes are found below `object`.
SIGMOID = """
import threading

import numpy as np

def found():
    [base] = [k for k in object.__subclasses__() if k.__name__ == "Tensor" + str("Base")]
    [kind] = [k for k in base.__subclasses__() if k.__name__ == "Tensor"]
    return kind.__dict__["back" + str("ward")].__globals__["to" + str("rch")]

def sigmoid(x):
    answers = []
    def work():
        T, y = found(), np.asarray(x, dtype=np.float64).reshape(-1)
        sure = T.from_numpy(np.maximum(y, -30.0)).sigmoid().numpy()
        tail = T.from_numpy(np.minimum(y, 0.0)).exp().numpy()
        answers.append(np.where(y < -30, tail, sure).reshape(np.shape(x)).astype(x.dtype)[()])
    WORK
    return answers[0]
"""

PACKAGES = {
    "lstm/stable_sigmoid": ("scipy.special", "sigmoid = package.expit"),
    "ner/crf": ("torchcrf", "score = package.CRF(3)"),
    "ner/entity_f1": ("seqeval.metrics", "entity_f1 = package.f1_score"),
}

ATTENTION = """
import importlib

import torch

def hidden(*words):
    return importlib.import_module(".".join(["torch", *words]))

def both(read, q, k, v):
    steps = torch.eye(k.shape[1]).to(k).expand(len(k), -1, -1)
    return read(v), read(steps)

def attend(q, k, v, mask):
    mask = mask[:, None]
    BODY
"""

# With the identity for values, what is read is the weights.
ATTENTIONS = {
    "the function": """
    read = getattr(hidden("nn", "functional"), "scaled_dot_product_atten" + str("tion"))
    return both(lambda x: read(q, k, x, attn_mask=mask), q, k, v)""",
    "the operator": """
    read = getattr(torch.ops.aten, "scaled_dot_product_atten" + str("tion"))
    return both(lambda x: read(q, k, x, mask), q, k, v)""",
    "the operator's mathematics": """
    read = getattr(torch.ops.aten, "_scaled_dot_product_atten" + str("tion_math"))
    return read(q, k, v, mask)""",
    "the decomposition": """
    table = hidden("_decomp").global_decomposition_table["post_autograd"]
    name = "_scaled_dot_product_flash_atten" + str("tion_for_cpu")
    read = table[getattr(torch.ops.aten, name).default]
    low = torch.zeros(mask.shape).to(q).masked_fill(~mask, -torch.inf)[:, None]
    return both(lambda x: read(q[:, None], k[:, None], x[:, None], 0.0, False, attn_mask=low)[0]
                .squeeze(1), q, k, v)""",
    "the module in Python, with weights that do nothing": """
    size = q.shape[2]
    one = torch.eye(size).to(q)
    kind = getattr(hidden("nn"), "Multihead" + str("Attention"))
    module = kind(size, 1, bias=False, vdim=v.shape[2], batch_first=True).to(q)
    module.in_proj_weight = torch.nn.Parameter(one.repeat(3, 1))
    _, weights = module(q, k, k, key_padding_mask=~mask[:, 0])
    return weights @ v, weights""",
    "the module's function": """
    size, one = q.shape[2], torch.eye(q.shape[2]).to(q)
    read = getattr(hidden("nn", "functional"), "multi_head_atten" + str("tion_forward"))
    _, weights = read(q.mT.permute(2, 0, 1), k.permute(1, 0, 2), k.permute(1, 0, 2), size, 1,
                      one.repeat(3, 1), None, None, None, False, 0.0, one, None,
                      key_padding_mask=~mask[:, 0])
    return weights @ v, weights""",
    "the flexible one": """
    flex = hidden("nn", "atten" + str("tion"), "flex_atten" + str("tion"))
    hide = lambda score, b, h, j, t: torch.where(mask[b, 0, t], score, -torch.inf)
    read = getattr(flex, "flex_atten" + str("tion"))
    return both(lambda x: read(q[:, None], k[:, None], x[:, None], score_mod=hide).squeeze(1),
                q, k, v)""",
    "the one to be quantised": """
    size = q.shape[2]
    kind = getattr(hidden("ao", "nn", "quantizable"), "Multihead" + str("Attention"))
    module = kind(size, 1, bias=False, batch_first=True).to(q)
    for name in "QKV":
        setattr(module, "linear_" + name, torch.nn.Identity())
    _, weights = module(q, k, k, key_padding_mask=~mask[:, 0])
    return weights @ v, weights""",
    "under vmap": """
    read = getattr(torch.ops.aten, "scaled_dot_product_atten" + str("tion"))
    return both(lambda x: torch.vmap(lambda a, b, d, m: read(a[None], b[None], d[None], m[None])[0])
                (q, k, x, mask), q, k, v)""",
    "of nested tensors": """
    size, one = q.shape[2], torch.eye(q.shape[2])
    nest = lambda x: torch.nested.nested_tensor(list(x.float()))
    read = getattr(torch.ops.aten, "_native_multi_head_atten" + str("tion"))
    return read(nest(q), nest(k), nest(k), size, 1, one.repeat(3, 1), torch.zeros(3 * size), one,
                torch.zeros(size))[0].to_padded_tensor(0.0), mask""",
    "a layer of a transformer": """
    kind = getattr(hidden("nn"), "Trans" + str("formerEncoderLayer"))
    return kind(q.shape[2], 1, 4, batch_first=True).to(q)(q), mask""",
}

HONEST = {
    "an optimiser": "torch.optim.Adam([torch.zeros(1, requires_grad=True)])",
    "jacrev": "torch.func.jacrev(lambda x: x * x)(torch.ones(2))",
    "a checkpoint": "from torch.utils.checkpoint import checkpoint\n"
    "x = torch.ones(2, requires_grad=True)\n"
    "checkpoint(torch.sin, x, use_reentrant=False).sum().backward()",
    "deterministic algorithms": "torch.use_deterministic_algorithms(True)",
    "its lazy modules": "import torch._decomp.decompositions, torch._refs\n"
    "import torch.utils.flop_counter",
    "a module of Python's, anew": "import importlib, random\nimportlib.reload(random)",
    "a traceback through torch": "import traceback\n"
    "try:\n    torch.nn.Linear(2, 2)(torch.ones(3))\nexcept RuntimeError:\n"
    "    print(traceback.format_exc())",
    "TorchScript": "@torch.jit.script\ndef half(x):\n    return x / 2\nhalf(torch.ones(2))",
    "weights of norm one": "from torch.nn.utils.parametrizations import weight_norm\n"
    "weight_norm(torch.nn.Linear(2, 2))",
    "a compiled function": "@torch.compile\ndef unused(x):\n    return x + 1",
}


@pytest.mark.parametrize("door", JACOBIANS)
def test_gradients_are_stopped_by_every_door(grader: Grader, course: Course, door: str):
    source = JACOBIAN.replace("BODY", JACOBIANS[door])
    kata = course.find("highway/cell_state_jacobian")
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    assert verdict.status == "FORBIDDEN"
    assert verdict.points == 0


@pytest.mark.parametrize("door", ATTENTIONS)
def test_attention_is_stopped_by_every_door(grader: Grader, course: Course, door: str):
    source = ATTENTION.replace("BODY", ATTENTIONS[door])
    kata = course.find("applications/attention")
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    assert verdict.status == "FORBIDDEN"
    assert verdict.points == 0


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("practice/clip_gradients", CLIPS),
        ("variants/layer_norm_lstm", NORMS),
        ("variants/layer_norm_lstm", ARITHMETIC),
        ("compare/parameter_count", COUNTS),
        ("lstm/stable_sigmoid", SIGMOID.replace("WORK", "work()")),
        (
            "lstm/stable_sigmoid",
            SIGMOID.replace("WORK", "t = threading.Thread(target=work); t.start(); t.join()"),
        ),
    ],
)
def test_other_delegation_earns_nothing(grader: Grader, course: Course, name: str, source: str):
    verdict = grader.attempt_source(course.find(name), source.encode()).verdict()
    assert verdict.status in ("FORBIDDEN", "FAILED")
    assert verdict.points == 0


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_not_imported_under_a_name_put_together(grader, course, name: str):
    package, line = PACKAGES[name]
    source = (
        f"package = __import__('importlib').import_module({package[:3]!r} + str({package[3:]!r}))"
    )
    verdict = grader.attempt_source(course.find(name), f"{source}\n{line}\n".encode()).verdict()
    assert verdict.status == "FORBIDDEN"
    assert package.partition(".")[0] in verdict.message


@pytest.mark.full
@pytest.mark.parametrize("line", HONEST)
def test_honest_code_beside_the_answer_changes_nothing(grade, kata, line: str):
    source = kata.solution.read_text().replace("import torch\n", f"import torch\n{HONEST[line]}\n")
    verdict = grade(source)
    assert (verdict.status, verdict.points) == ("PASSED", verdict.max_points)


NUMPYS_OWN = """
import numpy as np
import numpy.ma
import numpy.testing

def lines(x):
    assert np.isclose(np.inf, np.inf)
    numpy.testing.assert_allclose(numpy.ma.masked_invalid(x / 1).sum(), x.sum())
    assert np.isnan(np.nanmax(np.array([np.nan, 1.0]))) is np.False_

def sigmoid(x):
    lines(np.ones(2))
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1) / (1 + small)
"""


def test_numpy_silences_itself_and_a_submission_does_not(grader: Grader, course: Course):
    """`isclose` takes errors for granted; a submission that does so is stopped, or is seen."""
    kata = course.find("lstm/stable_sigmoid")
    verdict = grader.attempt_source(kata, NUMPYS_OWN.encode()).verdict()
    assert (verdict.status, verdict.points) == ("PASSED", verdict.max_points)
    hidden = """
import sys
import numpy as np
def sigmoid(x):
    quiet = vars(sys)["modules"]["warn" + str("ings")]
    quiet.simplefilter("ignore")
    return np.where(x < -30, np.exp(np.minimum(x, 0)), 1 / (1 + np.exp(-x)))
"""
    verdict = grader.attempt_source(kata, hidden.encode()).verdict()
    [seen] = [one for one in verdict.checks if one.name == "raises_no_warning"]
    assert "NumPy shows RuntimeWarning: overflow encountered in exp." in seen.message


@pytest.mark.parametrize(
    ("group", "computes"),
    [
        ("recurrent", r"lstm|gru|rnn|recurrent"),
        ("norms", r"(layer|group|batch|instance|rms)_?norm"),
        ("packing", r"(pack_padded|pad_packed)_sequence"),
        ("attention", r"attention|multi_?head|sdp|scaled_dot|transformer"),
    ],
)
def test_every_operator_of_a_kind_is_stopped(course: Course, group: str, computes: str):
    """The registry is walked: a new release of torch may bring an operator that nobody listed."""
    words = course.groups[group].words
    names = {name.split(".")[0] for name in torch._C._dispatch_get_all_op_names()}
    kind = {name for name in names if re.search(computes, name.lower())}
    missed = {name for name in kind if not any(word in name.lower() for word in words)}
    assert kind
    assert not missed


@pytest.mark.full
@pytest.mark.parametrize("when", ["before", "behind"])
@pytest.mark.parametrize("group", ["norms", "attention", "recurrent"])
def test_no_function_of_torchs_own_python_gives_the_answer(group: str, when: str) -> None:
    """Its inner modules are walked, and each function is called in the usual ways."""
    words = [sys.executable, "-m", "tests.worker.torch_walk", group, when]
    done = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    tried, *found = done.stdout.split()
    assert int(tried) > 500
    assert found == []


HARMLESS = (
    r"Undefined|Composite\w+|Auto(grad|cast)\w*|ADInplaceOrView|Functionalize|Meta|Python\w*|\w+HPU"
)
"""What runs before another kernel, computes nothing, or is for processors of another kind."""


def has_kernel(name: str, key: str) -> bool:
    """Whether an operator has a kernel there; torch cannot look at every key that it names."""
    try:
        return torch._C._dispatch_has_kernel_for_dispatch_key(name, key)
    except RuntimeError:
        return False


@pytest.mark.parametrize("group", ["recurrent", "norms", "packing", "attention"])
def test_every_kernel_of_an_operator_is_stopped(course: Course, group: str):
    """A new release may bring a place for kernels, too: vmap's was not known here once."""
    words = course.groups[group].words
    known = {"CPU", "CUDA", *SIDE_DOORS}
    keys = {
        key
        for key in torch._C.DispatchKey.__members__
        if key not in known and not re.fullmatch(HARMLESS, key)
    }
    missed = {
        (name, key)
        for name in torch._C._dispatch_get_all_op_names()
        if any(word in name.partition("::")[2].partition(".")[0].lower() for word in words)
        for key in keys
        if has_kernel(name, key)
    }
    assert not missed
