"""Answers as a candidate says them: numbers rounded, shapes as lists."""


def answers():
    """Write all forty down."""
    shapes = {
        "out_plain": [5, 3, 6],
        "out_two_directions": [3, 5, 12],
        "out_projected": [5, 3, 2],
        "h_n_stacked": [4, 3, 6],
        "c_n_batch_first": [1, 3, 6],
        "h_n_batch_first_two_directions": [2, 3, 6],
        "packed_data": [10, 6],
        "packed_batch_sizes": [3, 3, 2, 1, 1],
        "padded_again": [5, 3, 6],
        "scan_compose": [10, 22],
    }
    words = {
        "slice_padded": "h_n[-1]",
        "slice_backward": "out[:, 0, H:]",
        "slice_two_directions": "cat(h_n[-2], h_n[-1])",
        "target_text": "ello",
        "fed_when_forced": "a",
        "fed_when_free": "o",
        "flat_detached": "gradient",
        "flat_saturated": "gates",
        "flat_zero_rate": "update",
    }
    numbers = {
        "gru_step_z_open": 1,
        "gru_ten_steps": 0.349,
        "rnn_twenty_steps": 3325,
        "rnn_shrinks": 9.54e-7,
        "lstm_twenty_steps": 0.1216,
        "w_radius": 0.6,
        "w_norm": 1.28,
        "clip_first": 0.6,
        "clip_second": 0.8,
        "forget_ones_in_both": 0.88,
        "forget_torch_default": 0.5,
        "forget_keras_default": 0.73,
        "bottleneck_numbers": 12,
        "attention_numbers": 300,
        "scan_rounds": 10,
    }
    yes = ("w_power_decays", "lstm_derivative_can_grow", "truncated_value_depends")
    no = ("truncated_gradient_arrives", "bilstm_keeps_prefix")
    said = dict.fromkeys((*yes, "bilstm_sees_ahead"), True) | dict.fromkeys(no, False)
    return {**shapes, **words, **numbers, **said}
