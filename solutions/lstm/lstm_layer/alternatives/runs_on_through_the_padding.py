"""Another right way: every sequence runs on to the last step of the batch, and nothing is masked.

The state of each step is kept, and what is wanted is picked out: the final state stands at a
sequence's own length, and out is 0 behind it. The reverse direction reads each sequence turned
round in its own length, so that its padding comes last, too.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


class LSTMCell(nn.Module):
    """One step of an LSTM."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        if bias:
            self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size))
            self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size))
        bound = hidden_size**-0.5
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Take one step: x (N, input_size); h and c (N, hidden_size), old and new."""
        if state is None:
            state = (x.new_zeros(len(x), self.weight_hh.shape[1]),) * 2
        return after(x, *state, *self.parameters())


def after(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Return h and c after one step, each (N, hidden_size)."""
    i, f, g, o = (linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


class LSTM(nn.Module):
    """Stacked LSTM layers in one or two directions."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        batch_first: bool = False,
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.hidden_size, self.batch_first = hidden_size, batch_first
        self.dropout = nn.Dropout(dropout)
        ways = ("", "_reverse") if bidirectional else ("",)
        self.rows = [f"_l{layer}{way}" for layer in range(num_layers) for way in ways]
        self.ways = len(ways)
        for number, row in enumerate(self.rows):
            features = input_size if number < self.ways else self.ways * hidden_size
            for name, parameter in LSTMCell(features, hidden_size, bias).named_parameters():
                self.register_parameter(name + row, parameter)

    def forward(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor] | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences: x (T, N, input_size), state (rows, N, hidden_size) twice."""
        if self.batch_first:
            x = x.transpose(0, 1)
        steps, batch, _ = x.shape
        if state is None:
            state = (x.new_zeros(len(self.rows), batch, self.hidden_size),) * 2
        if lengths is None:
            lengths = torch.full((batch,), steps)
        lengths = lengths.to(x.device)
        time = torch.arange(steps, device=x.device)[:, None]
        turned = torch.where(time < lengths, lengths - 1 - time, time)
        padding = (time >= lengths)[:, :, None]
        every = torch.arange(batch, device=x.device)
        h_n, c_n, sides = [], [], []
        for number, row in enumerate(self.rows):
            reverse = row.endswith("_reverse")
            weights = [value for name, value in self.named_parameters() if name.endswith(row)]
            read = x[turned, every] if reverse else x
            h, c = state[0][number], state[1][number]
            hs, cs = [], []
            for x_t in read:
                h, c = after(x_t, h, c, *weights)
                hs.append(h)
                cs.append(c)
            out, cells = torch.stack(hs), torch.stack(cs)
            h_n.append(out[lengths - 1, every])
            c_n.append(cells[lengths - 1, every])
            side = out[turned, every] if reverse else out
            sides.append(side.masked_fill(padding, 0))
            if len(sides) == self.ways:  # the layer is done
                x, sides = torch.cat(sides, dim=2), []
                if number + 1 < len(self.rows):
                    x = self.dropout(x)
        out = x.transpose(0, 1) if self.batch_first else x
        return out, (torch.stack(h_n), torch.stack(c_n))
