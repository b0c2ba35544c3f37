"""How strongly the last hidden state depends on each earlier one."""

import torch


def jacobian_norms(w_hh: torch.Tensor, hs: torch.Tensor) -> torch.Tensor:
    """Return the spectral norms of the Jacobians d h_T / d h_t of a tanh network.

        h_s = tanh(W_hh h_{s-1} + (input and biases)),  s = 1 ... T
        entry t = ‖d h_T / d h_t‖₂,  t = 0 ... T-1

    Args:
        w_hh: (H, H) weights from hidden to hidden, float32 or float64, as in torch.nn.RNNCell.
        hs: (T+1, H) the states h_0, h_1, ..., h_T of one sequence, same dtype; T >= 1.

    Returns:
        (T,) the norms, for t = 0, 1, ..., T-1, same dtype.

    Source: Bengio, Simard, Frasconi 1994; Pascanu, Mikolov, Bengio 2013, section 2.
    """
    # tanh'(a) = 1 - tanh(a)², and tanh(a) is the state that the step arrives at.
    slopes = 1 - hs[1:] ** 2
    product = torch.eye(len(w_hh), dtype=w_hh.dtype, device=w_hh.device)
    norms = []
    for slope in slopes.flip(0):
        # Going back one step puts one more factor on the right, where the earlier state enters.
        product = product @ (slope[:, None] * w_hh)
        norms.append(torch.linalg.matrix_norm(product, ord=2))
    return torch.stack(norms[::-1])
