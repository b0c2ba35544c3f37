# status: FAILED
# fails: gradients
# says: own `backward`
# line: 38
import torch


class Step(torch.autograd.Function):
    """Forward and backward by hand."""

    @staticmethod
    def forward(ctx, x, h, c, w_ih, w_hh, b_ih, b_hh):
        a = x @ w_ih.T + h @ w_hh.T + (b_ih + b_hh)
        n = c.size(1)
        i = a[:, 0 * n : 1 * n].sigmoid()
        f = a[:, 1 * n : 2 * n].sigmoid()
        g = a[:, 2 * n : 3 * n].tanh()
        o = a[:, 3 * n : 4 * n].sigmoid()
        c_new = f * c + i * g
        t = c_new.tanh()
        ctx.save_for_backward(x, h, c, w_ih, w_hh, i, f, g, o, t)
        return o * t, c_new

    @staticmethod
    def backward(ctx, dh, dc):
        x, h, c, w_ih, w_hh, i, f, g, o, t = ctx.saved_tensors
        dc = dc + dh * o * (1 - t * t)
        da = torch.cat(
            [
                dc * g * i * (1 - i),
                dc * c * f * (1 - f),
                dc * i * (1 - g * g),
                dh * t * o * (1 - o),
            ],
            dim=1,
        )
        db = da.sum(0)
        return da @ w_ih, da @ w_hh, dc * f, da.T @ x, da.T @ h, db, None


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return Step.apply(x, h, c, w_ih, w_hh, b_ih, b_hh)
