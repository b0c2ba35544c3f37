# status: PASSED
import torch


class Step(torch.autograd.Function):
    """The last lines of the cell with a backward pass by hand."""

    @staticmethod
    def forward(ctx, z, c):
        i, f, g, o = z.chunk(4, 1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        new = f * c + i * g
        ctx.save_for_backward(i, f, g, o, c, new.tanh())
        return o * new.tanh(), new

    @staticmethod
    def backward(ctx, dh, dc):
        i, f, g, o, c, t = ctx.saved_tensors
        dc = dc + dh * o * (1 - t * t)
        dz = [dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g), dh * t * o * (1 - o)]
        return torch.cat(dz, dim=1), dc * f


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return Step.apply(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh, c)
