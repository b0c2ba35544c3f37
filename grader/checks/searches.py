"""Searches in plain Python, on tables that choose each step's scores: every answer, and the best.

A table (R, V) holds logits. The row of a step is (7 · the row before + the token read) modulo R, so
that all tokens so far choose it; a search begins in a row that is given, and reads BOS.
"""

from torch import Tensor

BOS, EOS = 1, 2

Answer = tuple[tuple[int, ...], float]
"""Tokens, EOS among them, and the logarithm of their probability."""


def _rows_of(table: Tensor) -> list[list[float]]:
    """The logarithms of the probabilities of a table's rows."""
    rows: list[list[float]] = table.double().log_softmax(1).tolist()
    return rows


def every_answer(table: Tensor, start: int, most: int) -> list[Answer]:
    """Every answer of a planted model with the logarithm of its probability; EOS is part of it."""
    rows, found = _rows_of(table), []
    beginnings: list[tuple[tuple[int, ...], float, int]] = [((), 0.0, start)]
    for length in range(1, most + 1):
        longer = []
        for tokens, total, state in beginnings:
            row = (7 * state + (tokens[-1] if tokens else BOS)) % len(rows)
            for token in range(EOS, len(rows[0])):
                one = ((*tokens, token), total + rows[row][token])
                if token == EOS or length == most:
                    found.append(one)
                else:
                    longer.append((*one, row))
        beginnings = longer
    return found


def scored(answers: list[Answer], alpha: float) -> dict[tuple[int, ...], float]:
    """The score of each answer without its EOS."""
    return {
        tokens[: -1 if tokens[-1] == EOS else None]: total / len(tokens) ** alpha
        for tokens, total in answers
    }


def greedy_answer(table: Tensor, start: int, most: int) -> list[int]:
    """The best token at each step, without EOS."""
    rows, state, token, answer = _rows_of(table), start, BOS, []
    for _ in range(most):
        state = (7 * state + token) % len(rows)
        token = max(range(len(rows[0])), key=rows[state].__getitem__)
        if token == EOS:
            break
        answer.append(token)
    return answer


def beam_answer(table: Tensor, *, width: int, most: int) -> list[int]:
    """The answer of a beam from state 0, with alpha 1, without EOS."""
    rows, ended = _rows_of(table), []
    running: list[tuple[float, list[int], int]] = [(0.0, [BOS], 0)]
    for length in range(1, most + 1):
        longer = []
        for total, tokens, state in running:
            row = (7 * state + tokens[-1]) % len(rows)
            longer += [(total + value, [*tokens, n], row) for n, value in enumerate(rows[row])]
        kept = sorted(longer, reverse=True)[:width]
        over = [one for one in kept if one[1][-1] == EOS or length == most]
        ended += [(total / length, tokens) for total, tokens, _ in over]
        running = [one for one in kept if one not in over]
    return [token for token in max(ended)[1] if token not in (BOS, EOS)]
