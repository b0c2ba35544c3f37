"""Checks of dropout in a recurrent layer: between two layers, in training, and nowhere else."""

import math
import statistics
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from grader.checks.cells import CANDIDATE
from grader.checks.compare import expect_true, gradients_of
from grader.checks.hearing import observe
from grader.checks.layers import Case, Family, build, compare, read, unpack
from grader.checks.submission import Handle, Submission


def copying_weights(
    family: Family,
    layers: int,
    hidden_size: int,
    biases: tuple[float, ...],
    *,
    forward_half: bool = False,
) -> dict[str, Tensor]:
    """Weights with which each unit of each layer and direction copies its own input, squashed.

    The recurrent weights are zero, and the candidate of unit j sees input j alone: in a higher
    layer, that of the same direction. So every entry of the output shows what happened to one entry
    of x on its way up.

    Args:
        family: the layer's.
        layers: L.
        hidden_size: H, and I too.
        biases: one for each gate, large enough to open or shut it; 0 for the candidate.
        forward_half: whether both directions of a higher layer copy what the forward one gave.

    Returns:
        A state dict for two directions, float32.
    """
    eye, none = torch.eye(hidden_size), torch.zeros(hidden_size, hidden_size)
    weights = {}
    for layer in range(layers):
        for direction, suffix in enumerate(("", "_reverse")):
            blocks = [none, none] if layer else [none]
            unseen = torch.cat(blocks, dim=1)
            blocks[direction if layer and not forward_half else 0] = eye
            rows = [unseen] * family.gates
            rows[CANDIDATE] = torch.cat(blocks, dim=1)
            track = f"_l{layer}{suffix}"
            weights[f"weight_ih{track}"] = torch.cat(rows)
            weights[f"weight_hh{track}"] = torch.zeros(family.gates * hidden_size, hidden_size)
            weights[f"bias_ih{track}"] = torch.tensor(biases).repeat_interleave(hidden_size)
            weights[f"bias_hh{track}"] = torch.zeros(family.gates * hidden_size)
    return weights


def copied(x: Tensor, *, scale: float, layers: int, tanhs: int) -> Tensor:
    """What layers with `copying_weights` make of x in exact arithmetic, in its shape and dtype.

    Args:
        x: of any shape.
        scale: applied between layers.
        layers: L.
        tanhs: how often each layer squashes.
    """
    for layer in range(layers):
        x = x * scale if layer else x
        for _ in range(tanhs):
            x = torch.tanh(x)
    return x


class _Copying(NamedTuple):
    """A submission's layers in two directions with `copying_weights`; I is H.

    Args:
        submission: whose layer is asked.
        family: the layer's.
        size: H.
        biases: of the gates; see `copying_weights`.
    """

    submission: Submission
    family: Family
    size: int
    biases: tuple[float, ...]

    def layer(self, layers: int, p: float, *, forward_half: bool = False) -> Handle:
        """So many layers with dropout p between them; `forward_half` as in `copying_weights`."""
        options: dict[str, Any] = {"num_layers": layers, "bidirectional": True, "dropout": p}
        model: Handle = self.submission[self.family.name](self.size, self.size, **options)
        weights = copying_weights(
            self.family, layers, self.size, self.biases, forward_half=forward_half
        )
        model["load_state_dict"](weights)
        return model

    def in_training(self, x: Tensor, p: float, *, forward_half: bool = False) -> Tensor:
        """What two such layers give in training, (T, N, 2H), for x (T, N, H)."""
        model = self.layer(2, p, forward_half=forward_half)
        model["train"]()
        return unpack(self.family, model(x))[0]


def dropout_between_layers_only(
    submission: Submission, family: Family, *, biases: tuple[float, ...], tanhs: int
) -> None:
    """In training, dropout acts between two layers and nowhere else; in eval mode, not at all.

    Args:
        submission: whose layer is asked.
        family: the layer's.
        biases: of the gates, such that h depends on the candidate alone; see `copying_weights`.
        tanhs: how many stand between the candidate's pre-activation and h.
    """
    p, t, n, h, layers = 0.25, 24, 5, 4, 3
    copying = _Copying(submission, family, h, biases)
    x = torch.linspace(0.5, 1.5, t * n * h).view(t, n, h)

    def run(count: int, mode: str) -> tuple[Tensor, Tensor, Tensor]:
        model = copying.layer(count, p)
        model[mode]()
        pull = torch.cat([torch.ones(t, n, h), torch.zeros(t, n, h)], dim=2)  # forward alone
        pulls = [pull, *(None for _ in family.parts)]
        answer = model.vjp(x, cotangents=pulls, wrt=[0])
        out, states = unpack(family, answer.value)[:2]
        shapes = (tuple(out.shape), tuple(states.shape))
        expect_true(
            shapes == ((t, n, 2 * h), (2 * count, n, h)), f"out and h have the shapes {shapes}."
        )
        (gradient,) = answer.gradients
        expect_true(gradient is not None, f"No gradient reaches x with dropout={p}.")
        return out.double(), states.double(), gradient.double()

    def near(got: Tensor, scale: float, count: int) -> Tensor:
        want = copied(x.double(), scale=scale, layers=count, tanhs=tanhs)
        return (got - torch.cat([want, want], dim=2)).abs() < 1e-4

    out, *_ = run(layers, "eval")
    calm = bool(near(out, 1.0, layers).all())
    observe("calm in eval", calm)
    zeros = out.abs() < 1e-4
    observe("zeros in eval", "all" if zeros.all() else "some" if zeros.any() else "none")
    expect_true(calm, f"In eval mode, dropout={p} changes out. It should do nothing there.")

    out, states, _ = run(1, "train")
    single = bool(near(out, 1.0, 1).all())
    observe("one layer is left alone", single)
    observe("one layer's final state is left alone", bool((states.abs() > 1e-4).all()))
    if not single:
        plain = copied(x.double(), scale=1.0, layers=1, tanhs=tanhs)
        read_scaled = copied(x.double() / (1 - p), scale=1.0, layers=1, tanhs=tanhs)
        gone = out.abs() < 1e-4
        forms = {"as it was": plain, "x is scaled": read_scaled, "h is scaled": plain / (1 - p)}
        fits = (
            form
            for form, want in forms.items()
            if bool((gone | ((out - torch.cat([want, want], dim=2)).abs() < 1e-4)).all())
        )
        observe("what one layer keeps", next(fits, "another"))
    expect_true(
        single,
        f"In training with num_layers=1, dropout={p} changes out. It acts only between two layers.",
    )

    out, states, gradient = run(layers, "train")
    ends = torch.stack([x[-1], x[0]]).double()  # where each direction of the first layer ends
    first = copied(ends, scale=1.0, layers=1, tanhs=tanhs)
    first_layer = bool((states[:2] - first).abs().max() < 1e-4)
    observe("the first layer is left alone", first_layer)
    expect_true(first_layer, f"In training, dropout={p} changes h of the first layer.")
    last = torch.cat([out[-1, :, :h] - states[-2], out[0, :, h:] - states[-1]])
    last_layer = bool(last.abs().max() < 1e-4)
    observe("the last layer is left alone", last_layer)
    expect_true(
        last_layer,
        f"In training with dropout={p}, out is not h of the last layer: something is dropped "
        "behind it. Dropout acts only between two layers.",
    )
    dropped = out.abs() < 1e-4
    share = float(dropped.double().mean())
    reached = dict(zip(("forward", "reverse"), dropped.chunk(2, dim=2), strict=True))
    spared = [direction for direction, half in reached.items() if not bool(half.any())]
    observe("directions that nothing is dropped from", len(spared))
    if len(spared) == 1:  # scaled or not: what else is observed would be two words for one mistake
        other = "reverse" if spared == ["forward"] else "forward"
        observe("the direction that nothing is dropped from", spared[0])
        expect_true(
            False,
            f"In training with dropout={p} between {layers} layers, entries of the {other} "
            f"direction were dropped, and none of the {spared[0]} direction. Each entry of both "
            "should be drawn.",
        )
        return
    few = not 0.05 < share < 0.9  # the share says what is wrong
    single_draws = True
    for axis, each in enumerate(("step", "sequence", "unit")):
        varied = float((dropped.any(dim=axis) & ~dropped.all(dim=axis)).double().mean())
        single_draws = single_draws and varied > 0.5
        observe(f"a new mask for each {each}", varied > 0.5)
        expect_true(
            varied > 0.5 or few,
            f"Every {each} has the same entries dropped. Each entry should be drawn by itself."
            if varied < 0.05
            else f"In {1 - varied:.0%} of the places, every {each} is dropped or none is. Each "
            "entry should be drawn by itself.",
        )
    if single_draws and not _none_is_spared(dropped, p):
        return
    want = 1 - (1 - p) ** (layers - 1)
    enough = abs(share - want) < 0.11  # 7 standard deviations of the share of 960 entries
    usual = {"none": 0.0, "one gap": p, "as asked": want, "most": 1 - p ** (layers - 1)}
    if single_draws:  # else there are too few draws for a share
        observe("share", _nearest(share, usual, within=0.06))
    expect_true(
        enough,
        f"In training with dropout={p} between {layers} layers, {share:.0%} of the entries were "
        f"dropped on their way up. It should be about {want:.0%}.",
    )
    kept = bool((dropped | near(out, 1 / (1 - p), layers)).all())
    observe("the kept are scaled", kept)
    expect_true(
        kept,
        f"In training with dropout={p}, the entries that are kept are not scaled such that the "
        "expected value stays the same.",
    )
    leaf = x.double().requires_grad_()
    (slope,) = gradients_of(
        [copied(leaf, scale=1 / (1 - p), layers=layers, tanhs=tanhs)], [leaf], [torch.ones(x.shape)]
    )
    right = torch.where(dropped[..., :h], 0.0, slope)
    follows = bool((gradient - right).abs().max() < 1e-4)
    observe("the gradient follows the mask", follows)
    expect_true(
        follows,
        f"In training with dropout={p}, the gradient of x does not fit the mask: it should be 0 "
        "for an entry that was dropped, and scaled for one that was kept.",
    )
    model = copying.layer(2, p)
    model["train"]()
    seen = x[:6]
    # Without gradients, as for an average over many masks.
    answers = [model.inputs(seen, gradients=False)[0] for _ in range(8)]
    outs = torch.stack([unpack(family, answer)[0].double() for answer in answers])
    _expect_fair_masks(outs, seen.double(), p, tanhs)
    _expect_one_mask_for_all_who_read(copying, p)
    if single_draws:
        _expect_high_p(copying, tanhs)


def _none_is_spared(dropped: Tensor, p: float) -> bool:
    """Whether something is dropped from each step, sequence and unit.

    It is, almost surely: a step has 40 entries, and each is drawn twice.

    Args:
        dropped: (T, N, 2H) bool.
        p: the probability of dropping an entry.
    """
    right = True
    for axis, each in enumerate(("step", "sequence", "unit")):
        reached = dropped.movedim(axis, 0).flatten(1).any(dim=1)
        spared = [str(place) for place, some in enumerate(reached.tolist()) if not some]
        right = right and not (spared and any(reached))
        observe(f"each {each} has entries dropped", not spared)
        expect_true(
            not spared,
            f"In training with dropout={p}, entries were dropped, and none of {each} "
            f"{', '.join(spared)}. Each entry should be drawn.",
        )
    return right


def _expect_one_mask_for_all_who_read(copying: _Copying, p: float) -> None:
    """An entry that is dropped is dropped for both directions of the layer above."""
    x = torch.linspace(0.5, 1.5, 12 * 5 * copying.size).view(12, 5, copying.size)
    out = copying.in_training(x, p, forward_half=True)
    forward, reverse = (out.abs() < 1e-4).chunk(2, dim=2)
    alike = torch.equal(forward, reverse)
    observe("both directions above read the same entries", alike)
    expect_true(
        alike,
        f"In training with dropout={p}, an entry is dropped for one direction of the layer above, "
        "and not for the other. Both read the same output of the layer below.",
    )


def _expect_high_p(copying: _Copying, tanhs: int) -> None:
    """With p near 1, the share p is dropped all the same, and the few that are kept are scaled.

    Args:
        copying: the layer.
        tanhs: how many stand between the candidate's pre-activation and h.
    """
    p, n = 0.95, 24 * 5 * copying.size
    x = torch.linspace(0.01, 0.03, n).view(24, 5, copying.size)  # 20 times as much is below 1
    out = copying.in_training(x, p).double()
    dropped = out.abs() < 1e-4
    share = float(dropped.double().mean())
    usual = {"none": 0.0, "1-p": 1 - p, "1/2": 0.5, "as asked": p}
    observe(f"share at p = {p}", _nearest(share, usual, within=0.1))
    observe(f"something is kept at p = {p}", share < 0.999)
    expect_true(
        0.9 < share < 0.999,  # 7 standard deviations of the share of 960 entries, and one entry
        f"In training with dropout={p} between 2 layers, {share:.0%} of the entries were dropped "
        f"on their way up. It should be about {p:.0%}.",
    )
    want = copied(x.double(), scale=1 / (1 - p), layers=2, tanhs=tanhs)
    kept = bool((dropped | ((out - torch.cat([want, want], dim=2)).abs() < 1e-4)).all())
    observe(f"the kept are scaled at p = {p}", kept)
    expect_true(
        kept,
        f"In training with dropout={p}, the entries that are kept are not scaled such that the "
        "expected value stays the same.",
    )


def _expect_fair_masks(outs: Tensor, x: Tensor, p: float, tanhs: int) -> None:
    """Each entry of a mask is drawn by itself: in each call, in each direction, without a quota.

    Args:
        outs: what two layers that copy answered to the same x in several calls, (calls, T, N, 2H).
        x: (T, N, H).
        p: the probability of dropping an entry.
        tanhs: how often each layer squashes.
    """
    dropped = outs.abs() < 1e-4
    forward, reverse = dropped.chunk(2, dim=3)
    # What was kept shows its scale, once the upper layer's squashing is undone.
    risen = outs.clamp(-0.999, 0.999)
    for _ in range(tanhs):
        risen = torch.atanh(risen.clamp(-0.9999, 0.9999))
    below = copied(x, scale=1.0, layers=1, tanhs=tanhs)
    ratio = (risen / torch.cat([below, below], dim=2))[~dropped]
    usual = {"1": 1.0, "1/(1-p)": 1 / (1 - p), "1-p": 1 - p, "1/p": 1 / p, "p": p}
    scale = statistics.median(ratio.tolist()) if len(ratio) else 0.0
    observe("scale", _nearest(scale, usual, within=0.04))
    quota = len(set(dropped.flatten(1).sum(1).tolist())) == 1
    for what, alike, message in (
        (
            "something is dropped without gradients",
            not bool(dropped.any()),
            "In training under torch.no_grad(), nothing is dropped.",
        ),
        (
            "each call has its own mask",
            bool((dropped == dropped[0]).all()),
            "Every call drops the same entries. A new mask should be drawn in each call.",
        ),
        (
            "each direction has its own mask",
            bool((forward == reverse).all()),
            "Both directions have the same entries dropped. Each entry should be drawn by itself.",
        ),
        (
            "how many are dropped varies",
            quota,
            "Every call drops the same number of entries. Each entry should be drawn by itself.",
        ),
    ):
        observe(what, not alike)
        expect_true(not alike, message)


def _nearest(value: float, usual: dict[str, float], *, within: float) -> str:
    """The usual value that is meant, by its name, or "another"."""
    name = min(usual, key=lambda each: abs(usual[each] - value))
    return name if abs(usual[name] - value) < within else "another"


def no_dropout_inside_layers(submission: Submission, case: Case) -> None:
    """In training, dropout changes nothing in a layer: no h, no c and no weight.

    The higher layers have no input weights, so what is dropped between two layers changes nothing.

    Args:
        submission: whose layer is asked.
        case: one with dropout.
    """
    weights = {
        name: value if "weight_ih" not in name or "_l0" in name else torch.zeros_like(value)
        for name, value in case.weights.items()
    }
    case = replace(case, weights=weights)
    model = build(submission, case)
    model["train"]()
    arguments = (case.x,) if case.state is None else (case.x, case.state)
    compare(read(case.family, model, *arguments), case)
    for recurrent in (True, False):
        _observe_what_steps_drop(submission, case.family, recurrent=recurrent)
    for steps in (1, 3):
        _observe_what_steps_drop(submission, case.family, steps=steps, stated=False)


def _observe_what_steps_drop(
    submission: Submission,
    family: Family,
    *,
    steps: int = 3,
    recurrent: bool = True,
    stated: bool = True,
) -> None:
    """Say what two calls in training answer differently in the first of two layers, and where 0.

    What is drawn is another thing in each call, so the answers themselves tell no two mistakes
    apart. From zeros, one step has no old state to drop, and more steps have no given one.

    Args:
        submission: whose layer is asked.
        family: the layer's.
        steps: T.
        recurrent: whether the recurrent weights are other than 0.
        stated: whether the initial state is other than 0.
    """
    n, size = 4, 8
    weights = {
        name: torch.zeros(shape)
        if (not recurrent and "weight_hh" in name) or "weight_ih_l1" in name
        else torch.sin(torch.arange(1.0, math.prod(shape) + 1)).view(shape)
        for layer in range(2)
        for name, shape in _shapes(family, layer, size)
    }
    model: Handle = submission[family.name](size, size, num_layers=2, dropout=0.5)
    model["load_state_dict"](weights)
    model["train"]()
    x = torch.cos(torch.arange(1.0, steps * n * size + 1)).view(steps, n, size)
    waves = (torch.cos(torch.arange(2.0 * n * size) + k) for k, _ in enumerate(family.parts, 1))
    state = family.state(wave.view(2, n, size) * stated for wave in waves)
    calls = [read(family, model, x, state) for _ in range(2)]
    where = (
        f"from {'a state' if stated else 'zeros'}, {'with' if recurrent else 'without'} recurrent "
        f"weights, {steps} steps"
    )
    for name, one, other in zip(family.outputs, *calls, strict=True):
        one, other = (part if name == "out" else part[:1] for part in (one, other))
        zeros = float((one == 0).double().mean()) > 0.1
        said = "has gaps" if zeros else "varies" if not torch.equal(one, other) else "as it was"
        observe(f"{name} {where}", said)


def _shapes(family: Family, layer: int, size: int) -> list[tuple[str, tuple[int, ...]]]:
    rows = family.gates * size
    names = [(f"weight_{of}_l{layer}", (rows, size)) for of in ("ih", "hh")]
    return [*names, *((f"bias_{of}_l{layer}", (rows,)) for of in ("ih", "hh"))]
