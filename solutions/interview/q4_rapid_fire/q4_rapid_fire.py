"""Interview, question 4: forty short questions, of which the seed asks fifteen."""

import math


def answers() -> dict[str, float | bool | str | tuple[int, ...]]:
    """Return your answers to all forty; the judge measures fifteen of them.

    N = 3 sequences, T = 5 steps, input_size I = 4, hidden_size H = 6, nn.LSTM of one layer, unless
    it says otherwise. A shape is a tuple of whole numbers. A number may be off by 1%. Where words
    are given to choose from, answer with one of them.

    Returns:
        out_plain: shape of out, x (T, N, I).
        out_two_directions: shape of out, batch_first, bidirectional, x (N, T, I).
        out_projected: shape of out, proj_size=2, x (T, N, I).

        h_n_stacked: shape of h_n, num_layers=2, bidirectional.
        c_n_batch_first: shape of c_n, batch_first.
        h_n_batch_first_two_directions: shape of h_n, batch_first, bidirectional.

        packed_data: shape of out.data if x is packed with lengths 5, 2 and 3.
        packed_batch_sizes: its batch_sizes.
        padded_again: shape of out after pad_packed_sequence, if x was padded to 8 steps.

        slice_padded: what holds the state at each sequence's own end, for a packed batch that is
            padded again, batch_first: "out[:, -1]", "out[:, 0]" or "h_n[-1]".
        slice_backward: where the backward direction's final state is, batch_first, bidirectional,
            no padding: "out[:, -1, H:]", "out[:, 0, H:]" or "out[:, 0, :H]".
        slice_two_directions: what holds the final states of both directions there:
            "out[:, -1]", "out[:, 0]" or "cat(h_n[-2], h_n[-1])".

        gru_step_z_open: d h_t / d h_{t-1} of one torch GRU unit, as z goes to 1.
        gru_ten_steps: d h_10 / d h_0 of one unit with z = 0.9 whose gates and candidate read
            neither x nor h.

        rnn_twenty_steps: d h_20 / d h_0 of h_t = tanh(1.5 h_{t-1}), at h_0 = 0.
        rnn_shrinks: the same of h_t = tanh(0.5 h_{t-1}).
        lstm_twenty_steps: d c_20 / d c_0 of one LSTM unit with f = 0.9 whose gates and candidate
            read neither x nor h.

        w_radius, w_norm: spectral radius and spectral norm of W = [[0.6, 1], [0, 0.6]].
        w_power_decays: whether the spectral norm of W^50 is below 1e-6.

        clip_first, clip_second: two parameters with one entry each have the gradients 3 and 4.
            What are they after clip_grad_norm_ with max_norm=1?
        lstm_derivative_can_grow: whether d c_T / d c_0 of an LSTM can exceed 1 although every
            forget gate is below 1.

        truncated_value_depends: the state is detached every 5 steps. Whether h_20 depends on x_3.
        truncated_gradient_arrives: whether a loss on h_20 gives x_3 a gradient that is not 0 there.

        forget_ones_in_both: the forget gate of a torch LSTM at x = h = 0, if its part of bias_ih
            and of bias_hh is 1.
        forget_torch_default: the mean of the forget gate at x = h = 0, as torch starts (may be off
            by 0.02).
        forget_keras_default: the forget gate at x = h = 0, as Keras starts: it has one bias vector,
            and unit_forget_bias=True.

        bilstm_sees_ahead: whether out at step 2 of a bidirectional LSTM depends on x_5.
        bilstm_keeps_prefix: whether its first three outs stay the same when two steps follow.

        target_text: the targets of a character model whose input is "hell", out of "hello".
        fed_when_forced, fed_when_free: the target is "cat", "^" begins, and after "c" the model
            says "o". What is fed when the third character is to come out: with teacher forcing, and
            at test time?

        bottleneck_numbers: how many numbers an LSTM encoder passes to its decoder, source of 50
            steps, N = 1, no attention.
        attention_numbers: how many numbers attention can look at there: all of out.

        scan_compose: h -> 2h + 3, and then h -> 5h + 7, are together h -> a·h + b: (a, b).
        scan_rounds: how many rounds a parallel scan needs to put 1,024 such steps together into
            one, if a round joins neighbours in pairs.

        flat_detached, flat_saturated, flat_zero_rate: the loss of an LSTM is flat. Which number
            shows why, if the state is detached at every step; if all biases are 1,000; if the
            learning rate is 0? "gates": the share of i and f between 0.01 and 0.99. "gradient":
            the norm of the gradient at the first step's input. "update": how far the weights move.

    """
    # Forty answers, in the order of the task.
    kept = 0.9
    return {
        "out_plain": (5, 3, 6),
        "out_two_directions": (3, 5, 12),
        "out_projected": (5, 3, 2),
        "h_n_stacked": (4, 3, 6),
        "c_n_batch_first": (1, 3, 6),
        "h_n_batch_first_two_directions": (2, 3, 6),
        "packed_data": (10, 6),
        "packed_batch_sizes": (3, 3, 2, 1, 1),
        "padded_again": (5, 3, 6),
        "slice_padded": "h_n[-1]",
        "slice_backward": "out[:, 0, H:]",
        "slice_two_directions": "cat(h_n[-2], h_n[-1])",
        "gru_step_z_open": 1.0,
        "gru_ten_steps": kept**10,
        "rnn_twenty_steps": 1.5**20,
        "rnn_shrinks": 0.5**20,
        "lstm_twenty_steps": kept**20,
        "w_radius": 0.6,
        "w_norm": 1.281,
        "w_power_decays": True,
        "clip_first": 3 / 5,
        "clip_second": 4 / 5,
        "lstm_derivative_can_grow": True,
        "truncated_value_depends": True,
        "truncated_gradient_arrives": False,
        "forget_ones_in_both": _sigmoid(2),
        "forget_torch_default": 0.5,
        "forget_keras_default": _sigmoid(1),
        "bilstm_sees_ahead": True,
        "bilstm_keeps_prefix": False,
        "target_text": "ello",
        "fed_when_forced": "a",
        "fed_when_free": "o",
        "bottleneck_numbers": 2 * 6,
        "attention_numbers": 50 * 6,
        "scan_compose": (10, 22),
        "scan_rounds": 10,
        "flat_detached": "gradient",
        "flat_saturated": "gates",
        "flat_zero_rate": "update",
    }


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))
