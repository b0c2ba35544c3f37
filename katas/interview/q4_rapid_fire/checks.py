"""Checks of `q4_rapid_fire`: fifteen groups of short questions; the seed asks one of each.

Nothing is looked up. Each answer is measured on torch's own modules, or on a loop that is run here.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import rnn as packing

from grader.checks import Claim, check_claims

N, T, I, H = 3, 5, 4, 6  # noqa: E741  the sizes that the task fixes
LENGTHS = torch.tensor([5, 2, 3])


def shape(tensor: Tensor) -> tuple[int, ...]:
    """A shape as plain numbers."""
    return tuple(int(size) for size in tensor.shape)


def near(key: str, sentence: str, measured: float) -> Claim:
    """A claim about a number that may be off by 1%."""
    return Claim(key, sentence, measured, 0.01 * abs(measured))


def zeroed(module: nn.Module, **values: Sequence[float] | float) -> nn.Module:
    """A module in float64 whose parameters are all 0, but for those given."""
    module = module.double()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            value = torch.as_tensor(values.get(name, 0.0), dtype=torch.float64)
            parameter.copy_(value.reshape(parameter.shape) if value.ndim else value)
    return module


def slope(function: Callable[[Tensor], Tensor], at: float = 0.0) -> float:
    """The derivative of a number by a number."""
    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    (found,) = torch.autograd.grad(function(x), x)
    return float(found)


def changes(module: nn.Module, at: int, of: int) -> bool:
    """Whether out at one step changes when x does at another; steps count from 1."""
    x = torch.randn(T, 1, I, generator=torch.Generator().manual_seed(1))
    other = x.clone()
    other[of - 1] += 1.0
    with torch.no_grad():
        return not torch.equal(module(x)[0][at - 1], module(other)[0][at - 1])


@check_claims("answers", pool=("out_plain", "out_two_directions", "out_projected"))
def shape_of_out() -> tuple[Claim, ...]:
    """What shape `out` has."""
    plain, _ = nn.LSTM(I, H)(torch.zeros(T, N, I))
    both, _ = nn.LSTM(I, H, bidirectional=True, batch_first=True)(torch.zeros(N, T, I))
    projected, _ = nn.LSTM(I, H, proj_size=2).double()(torch.zeros(T, N, I).double())
    return (
        Claim("out_plain", "the shape of out", shape(plain)),
        Claim("out_two_directions", "the shape of out, batch first, two ways", shape(both)),
        Claim("out_projected", "the shape of out with a projection to 2", shape(projected)),
    )


@check_claims("answers", pool=("h_n_stacked", "c_n_batch_first", "h_n_batch_first_two_directions"))
def shape_of_states() -> tuple[Claim, ...]:
    """What shape `h_n` and `c_n` have."""
    stacked = nn.LSTM(I, H, num_layers=2, bidirectional=True)
    _, (h_stacked, _) = stacked(torch.zeros(T, N, I))
    _, (_, c_first) = nn.LSTM(I, H, batch_first=True)(torch.zeros(N, T, I))
    two_ways = nn.LSTM(I, H, batch_first=True, bidirectional=True)
    _, (h_first, _) = two_ways(torch.zeros(N, T, I))
    return (
        Claim("h_n_stacked", "the shape of h_n, two layers, two ways", shape(h_stacked)),
        Claim("c_n_batch_first", "the shape of c_n, batch first", shape(c_first)),
        Claim("h_n_batch_first_two_directions", "h_n, batch first, two ways", shape(h_first)),
    )


@check_claims("answers", pool=("packed_data", "packed_batch_sizes", "padded_again"))
def packed_input() -> tuple[Claim, ...]:
    """What a packed batch of lengths 5, 2 and 3 looks like, and what comes back."""
    pack = packing.pack_padded_sequence(torch.zeros(T, N, I), LENGTHS, enforce_sorted=False)
    out, _ = nn.LSTM(I, H)(pack)
    longer = torch.zeros(8, N, I)
    out_of_longer, _ = nn.LSTM(I, H)(
        packing.pack_padded_sequence(longer, LENGTHS, enforce_sorted=False)
    )
    padded, _ = packing.pad_packed_sequence(out_of_longer)
    sizes = tuple(int(size) for size in pack.batch_sizes)
    return (
        Claim("packed_data", "the shape of out.data", shape(out.data)),
        Claim("packed_batch_sizes", "the batch sizes of the packed batch", sizes),
        Claim("padded_again", "the shape after padding again, from 8 padded steps", shape(padded)),
    )


def by_itself(module: nn.LSTM, direction: str, x: Tensor) -> Tensor:
    """The final h, (N, H), of one direction of a layer, run as a layer of its own."""
    alone = nn.LSTM(I, H, batch_first=True)
    weights = module.state_dict()
    alone.load_state_dict({name: weights[name + direction] for name in alone.state_dict()})
    return alone(x)[1][0][-1]


def only_one(want: Tensor, choices: dict[str, Tensor]) -> str:
    """The one choice that holds what is wanted."""
    [found] = [name for name, got in choices.items() if torch.allclose(got, want, atol=1e-6)]
    return found


@check_claims("answers", pool=("slice_padded", "slice_backward", "slice_two_directions"))
def slice_for_a_classifier() -> tuple[Claim, ...]:
    """Which slice holds what a classifier should read."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        one = nn.LSTM(I, H, batch_first=True)
        two = nn.LSTM(I, H, batch_first=True, bidirectional=True)
        x = torch.randn(N, T, I)
    with torch.no_grad():
        # each sequence by itself, without padding: what a classifier should read
        own = torch.stack([one(x[[n], :length])[1][0][-1, 0] for n, length in enumerate(LENGTHS)])
        pack = packing.pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
        out, (h_n, _) = one(pack)
        padded, _ = packing.pad_packed_sequence(out, batch_first=True)
        whole, (ends, _) = two(x)
        read, read_back = by_itself(two, "", x), by_itself(two, "_reverse", x.flip(1))

    return (
        Claim(
            "slice_padded",
            "what holds each sequence's own end",
            only_one(
                own,
                {"out[:, -1]": padded[:, -1], "out[:, 0]": padded[:, 0], "h_n[-1]": h_n[-1]},
            ),
        ),
        Claim(
            "slice_backward",
            "where out has the backward direction's final state",
            only_one(
                read_back,
                {
                    "out[:, -1, H:]": whole[:, -1, H:],
                    "out[:, 0, H:]": whole[:, 0, H:],
                    "out[:, 0, :H]": whole[:, 0, :H],
                },
            ),
        ),
        Claim(
            "slice_two_directions",
            "what holds the ends of both directions",
            only_one(
                torch.cat((read, read_back), 1),
                {
                    "out[:, -1]": whole[:, -1],
                    "out[:, 0]": whole[:, 0],
                    "cat(h_n[-2], h_n[-1])": torch.cat((ends[-2], ends[-1]), 1),
                },
            ),
        ),
    )


@check_claims("answers", pool=("gru_step_z_open", "gru_ten_steps"))
def highway_of_a_gru() -> tuple[Claim, ...]:
    """What passes along a GRU's own highway, d h_t / d h_{t-1}."""

    def kept(z: float, steps: int) -> float:
        # a cell of one unit that reads neither x nor h: only the direct path is left
        cell = zeroed(nn.GRUCell(1, 1), bias_ih=[0.0, math.log(z / (1 - z)), 0.0])

        def through(h: Tensor) -> Tensor:
            h = h.view(1, 1)
            for _ in range(steps):
                h = cell(torch.zeros(1, 1, dtype=torch.float64), h)
            return h.sum()

        return slope(through, 0.5)

    return (
        Claim("gru_step_z_open", "d h_t / d h_{t-1} as z goes to 1", kept(1 - 1e-6, 1), 0.001),
        near("gru_ten_steps", "d h_10 / d h_0 with z = 0.9", kept(0.9, 10)),
    )


@check_claims("answers", pool=("rnn_twenty_steps", "rnn_shrinks", "lstm_twenty_steps"))
def product_over_steps() -> tuple[Claim, ...]:
    """What the derivative over twenty steps is, in an RNN and along an LSTM's direct path."""
    nothing = torch.zeros(1, 1, dtype=torch.float64)

    def rnn(u: float) -> float:
        cell = zeroed(nn.RNNCell(1, 1), weight_hh=[[u]])

        def through(h: Tensor) -> Tensor:
            h = h.view(1, 1)
            for _ in range(20):
                h = cell(nothing, h)
            return h.sum()

        return slope(through)

    cell = zeroed(nn.LSTMCell(1, 1), bias_ih=[0.0, math.log(9.0), 0.0, 0.0])

    def memory(c: Tensor) -> Tensor:
        state = nothing, c.view(1, 1)
        for _ in range(20):
            state = cell(nothing, state)
        return state[1].sum()

    return (
        near("rnn_twenty_steps", "d h_20 / d h_0 of an RNN with u = 1.5 around h = 0", rnn(1.5)),
        near("rnn_shrinks", "the same with u = 0.5", rnn(0.5)),
        near("lstm_twenty_steps", "d c_20 / d c_0 with f = 0.9", slope(memory)),
    )


@check_claims("answers", pool=("w_radius", "w_norm", "w_power_decays"))
def radius_and_norm() -> tuple[Claim, ...]:
    """What the spectral radius and the norm of W = [[0.6, 1], [0, 0.6]] say."""
    w = torch.tensor([[0.6, 1.0], [0.0, 0.6]], dtype=torch.float64)
    norm = float(torch.linalg.matrix_norm(w, 2))
    decays = float(torch.linalg.matrix_norm(torch.linalg.matrix_power(w, 50), 2)) < 1e-6
    return (
        near("w_radius", "the spectral radius of W", float(torch.linalg.eigvals(w).abs().max())),
        near("w_norm", "the spectral norm of W", norm),
        Claim("w_power_decays", "the norm of W^50 is below 1e-6", decays),
    )


@check_claims("answers", pool=("clip_first", "clip_second", "lstm_derivative_can_grow"))
def clipping() -> tuple[Claim, ...]:
    """What clipping by the norm does, and whether an LSTM needs it."""
    first, second = (torch.zeros(1, requires_grad=True) for _ in range(2))
    first.grad, second.grad = torch.tensor([3.0]), torch.tensor([4.0])
    nn.utils.clip_grad_norm_([first, second], 1.0)
    # one unit, all gates open, its own h fed back: every f is below 1
    cell = zeroed(
        nn.LSTMCell(1, 1), weight_hh=[[0.0], [0.0], [3.0], [0.0]], bias_ih=[3.0, 3.0, 0, 3]
    )

    def memory(c: Tensor) -> Tensor:
        state = torch.zeros(1, 1, dtype=torch.float64), c.view(1, 1)
        for _ in range(3):
            state = cell(torch.zeros(1, 1, dtype=torch.float64), state)
        return state[1].sum()

    return (
        near("clip_first", "the first gradient after clipping to norm 1", float(first.grad)),
        near("clip_second", "the second gradient after clipping", float(second.grad)),
        Claim("lstm_derivative_can_grow", "d c_T / d c_0 can exceed 1, f < 1", slope(memory) > 1),
    )


@check_claims("answers", pool=("truncated_value_depends", "truncated_gradient_arrives"))
def truncation() -> tuple[Claim, ...]:
    """What is cut when the state is detached every 5 steps."""
    cell = nn.LSTMCell(I, H)
    generator = torch.Generator().manual_seed(2)
    xs = torch.randn(20, 1, I, generator=generator)

    def last(xs: Tensor) -> Tensor:
        state = torch.zeros(1, H), torch.zeros(1, H)
        for step, x in enumerate(xs):
            if step % 5 == 0:
                state = state[0].detach(), state[1].detach()
            state = cell(x, state)
        return state[0].sum()

    moved = xs.clone()
    moved[2] += 5.0
    depends = bool(last(moved) != last(xs))
    seen = xs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(last(seen), seen)
    return (
        Claim("truncated_value_depends", "h_20 depends on x_3", depends),
        Claim("truncated_gradient_arrives", "x_3 gets a gradient", bool(gradient[2].any())),
    )


@check_claims(
    "answers", pool=("forget_ones_in_both", "forget_torch_default", "forget_keras_default")
)
def forget_bias() -> tuple[Claim, ...]:
    """How open a forget gate is at the start, at x = 0 and h = 0."""

    def opened(b_ih: Tensor, b_hh: Tensor) -> float:
        cell = nn.LSTMCell(I, len(b_ih) // 4)
        with torch.no_grad():
            cell.bias_ih.copy_(b_ih)
            cell.bias_hh.copy_(b_hh)
            cell.weight_ih.zero_()
            units = cell.hidden_size
            # with i shut, c_1 is f * c_0
            cell.bias_ih[:units], cell.bias_hh[:units] = -100.0, 0.0
            _, c = cell(torch.zeros(1, I), (torch.zeros(1, units), torch.ones(1, units)))
        return float(c.mean())

    many = nn.LSTMCell(I, 500)
    default = opened(many.bias_ih.detach(), many.bias_hh.detach())
    one = torch.zeros(4)
    one[1] = 1.0
    return (
        near("forget_ones_in_both", "f with 1 in both of torch's biases", opened(one, one)),
        Claim("forget_torch_default", "the mean of f as torch starts", default, 0.02),
        near("forget_keras_default", "f as Keras starts", opened(one, torch.zeros(4))),
    )


@check_claims("answers", pool=("bilstm_sees_ahead", "bilstm_keeps_prefix"))
def tagging_and_generating() -> tuple[Claim, ...]:
    """Why a bidirectional LSTM tags, and does not generate."""
    module = nn.LSTM(I, H, bidirectional=True)
    x = torch.randn(T, 1, I, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        same = torch.equal(module(x)[0][:3], module(x[:3])[0])
    return (
        Claim("bilstm_sees_ahead", "out at step 2 depends on x_5", changes(module, at=2, of=5)),
        Claim("bilstm_keeps_prefix", "out of 3 steps stays when 2 steps follow", same),
    )


@check_claims("answers", pool=("target_text", "fed_when_forced", "fed_when_free"))
def what_a_decoder_is_fed() -> tuple[Claim, ...]:
    """What goes into a decoder, and what is asked of it."""
    text, target = "hello", "cat"
    model = {"^": "c", "c": "o", "a": "t", "o": "t"}  # a decoder that errs after c

    # what a reader of the text who knows all up to one character is asked next
    targets = "".join(text[known] for known in range(1, len(text)))

    def fed(*, forced: bool) -> str:
        """The symbol that goes in when the third one is to come out; ^ begins."""
        going_in, inputs = "^", []
        for right in target:
            inputs.append(going_in)
            said = model[going_in]
            going_in = right if forced else said
        return inputs[2]

    return (
        Claim("target_text", "the targets for the input hell", targets),
        Claim("fed_when_forced", "what goes in at step 3 with teacher forcing", fed(forced=True)),
        Claim("fed_when_free", "what goes in at step 3 at test time", fed(forced=False)),
    )


@check_claims("answers", pool=("bottleneck_numbers", "attention_numbers"))
def bottleneck() -> tuple[Claim, ...]:
    """How many numbers a decoder gets about a source of 50 steps."""
    out, state = nn.LSTM(I, H)(torch.zeros(50, 1, I))
    return (
        Claim("bottleneck_numbers", "without attention", sum(part.numel() for part in state), 0.0),
        Claim("attention_numbers", "what attention can look at: out", out.numel(), 0.0),
    )


@check_claims("answers", pool=("scan_compose", "scan_rounds"))
def recurrence_as_a_scan() -> tuple[Claim, ...]:
    """How steps h -> a·h + b are put together, and how many rounds 1,024 of them need."""

    def compose(first: tuple[int, int], then: tuple[int, int]) -> tuple[int, int]:
        # from what the two steps do to 0 and to 1
        def both(h: int) -> int:
            for a, b in (first, then):
                h = a * h + b
            return h

        return both(1) - both(0), both(0)

    steps, rounds = [(1, 1)] * 1024, 0
    while len(steps) > 1:  # neighbours at the same time
        steps = [compose(*steps[k : k + 2]) for k in range(0, len(steps), 2)]
        rounds += 1
    assert steps == [(1, 1024)]
    return (
        Claim("scan_compose", "h -> 2h + 3, then h -> 5h + 7, as (a, b)", compose((2, 3), (5, 7))),
        Claim("scan_rounds", "rounds for 1,024 steps", rounds, 0.0),
    )


@check_claims("answers", pool=("flat_detached", "flat_saturated", "flat_zero_rate"))
def flat_loss() -> tuple[Claim, ...]:
    """Which number shows the fault when the loss is flat."""
    return tuple(
        Claim(key, sentence, _telling(fault))
        for key, sentence, fault in (
            ("flat_detached", "the state is detached at every step", "detached"),
            ("flat_saturated", "the gates' biases are 1,000", "saturated"),
            ("flat_zero_rate", "the learning rate is 0", "rate"),
        )
    )


def _telling(fault: str) -> str:
    """The first number that is far from a healthy run's: a cause comes before its effects."""
    healthy, faulty = _logged(""), _logged(fault)
    return next(name for name, value in faulty.items() if not 0.05 < value / healthy[name] < 20)


def _logged(fault: str) -> dict[str, float]:
    """What one step of training would log, in the order in which causes come.

    gates: the share of i and f between 0.01 and 0.99. gradient: the norm at the first input.
    update: how far the weights move.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(6)
        cell = nn.LSTMCell(I, H)
        x, target = torch.randn(20, 8, I), torch.randn(8, H)
    with torch.no_grad():
        if fault == "saturated":
            cell.bias_ih.fill_(1000.0)
    h, c = torch.zeros(8, H), torch.zeros(8, H)
    first = x[0].clone().requires_grad_()
    open_share = []
    for step, at in enumerate((first, *x[1:])):
        pre = at @ cell.weight_ih.T + h @ cell.weight_hh.T + cell.bias_ih + cell.bias_hh
        gate = pre[:, : 2 * H].detach().sigmoid()
        open_share.append(float(((gate > 0.01) & (gate < 0.99)).float().mean()))
        if fault == "detached" and step:
            h, c = h.detach(), c.detach()
        h, c = cell(at, (h, c))
    ((h - target) ** 2).mean().backward()
    rate = 0.0 if fault == "rate" else 0.1
    update = sum(float((rate * p.grad).norm()) for p in cell.parameters() if p.grad is not None)
    early = 0.0 if first.grad is None else float(first.grad.norm())
    return {
        "gates": sum(open_share) / len(open_share),
        "gradient": early,
        "update": update,
    }
