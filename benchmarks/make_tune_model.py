"""Train the small character model that a learner's own LSTM cell runs after a pass.

    python benchmarks/make_tune_model.py

It reads nothing but tunes that the project makes itself (`grader.data.tunes`), takes some minutes
of one processor, and writes `katas/lstm/lstm_cell/data/tunes.npz`: the weights of one `nn.LSTM`
layer and of a linear layer, in half precision, and the alphabet. The file is under the project's
own licence, MIT.
"""

import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from grader.data.tunes import make_tunes

PATH = Path(__file__).parents[1] / "katas" / "lstm" / "lstm_cell" / "data" / "tunes.npz"
HIDDEN, STEPS, BATCH, SEED = 96, 2_400, 32, 0
END = "\0"


def main() -> None:
    """Train, say how well it does on tunes that it has not seen, and write the file."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    texts = [tune.text + END for tune in make_tunes(4_000, SEED)]
    held_back = [tune.text + END for tune in make_tunes(100, SEED + 1)]
    alphabet = sorted({*"".join(texts)})
    place = {symbol: n for n, symbol in enumerate(alphabet)}
    size = len(alphabet)
    lstm, out = nn.LSTM(size, HIDDEN, batch_first=True), nn.Linear(HIDDEN, size)
    with torch.no_grad():
        lstm.bias_ih_l0[HIDDEN : 2 * HIDDEN] = 1.0
    optimiser = torch.optim.Adam([*lstm.parameters(), *out.parameters()], lr=4e-3)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)

    def loss_of(batch: list[str]) -> torch.Tensor:
        longest = max(map(len, batch))
        codes = torch.full((len(batch), longest), -100)
        for row, text in zip(codes, batch, strict=True):
            row[: len(text)] = torch.tensor([place[symbol] for symbol in text])
        # What stands before a tune is the end of the one before.
        before = torch.cat([torch.full((len(batch), 1), place[END]), codes[:, :-1].clamp(min=0)], 1)
        states, _ = lstm(nn.functional.one_hot(before, size).float())
        return nn.functional.cross_entropy(out(states).flatten(0, 1), codes.flatten())

    began = time.process_time()
    for step in range(STEPS):
        batch = [texts[n] for n in torch.randint(len(texts), (BATCH,)).tolist()]
        loss = loss_of(batch)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lstm.parameters(), 1.0)
        optimiser.step()
        plan.step()
        if step % 200 == 0:
            print(f"step {step}: {float(loss.detach()) / np.log(2):.3f} bits per character")
    with torch.no_grad():
        bits = float(loss_of(held_back)) / np.log(2)
    print(f"held back: {bits:.3f} bits per character, {time.process_time() - began:.0f} s")
    weights = {
        name: value.detach().numpy().astype(np.float16)
        for name, value in (
            ("w_ih", lstm.weight_ih_l0),
            ("w_hh", lstm.weight_hh_l0),
            ("b_ih", lstm.bias_ih_l0),
            ("b_hh", lstm.bias_hh_l0),
            ("w_out", out.weight),
            ("b_out", out.bias),
        )
    }
    PATH.parent.mkdir(exist_ok=True)
    np.savez_compressed(PATH, alphabet=np.array("".join(alphabet)), **weights)
    print(f"{PATH}: {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
