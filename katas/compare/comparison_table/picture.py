"""The rule as a map: which layer fits, by the length and by how much may be kept."""

from grader.checks import Submission, record_text

WIDTH = 64
LENGTHS = (100, 1_000, 2_000, 10_000)
KEPT = (2_000_000, 300_000, 20_000, 130, 100, 50)


def picture(submission: Submission) -> None:
    """The submission's choice for each pair, where the LSTM scored better than the GRU."""
    rows = ["may keep   " + "".join(f"T = {length:,}".ljust(13) for length in LENGTHS).rstrip()]
    for kept in KEPT:
        words = [chosen(submission, length, kept).ljust(13) for length in LENGTHS]
        rows.append(f"{kept:>9,}  {''.join(words).rstrip()}")
    record_text(
        f"Your rule for d = {WIDTH}, at most 1,000 steps in a chain, and a better LSTM",
        "\n".join(rows),
    )


def chosen(submission: Submission, length: int, kept: int) -> str:
    """What the submission chooses; a dash where it says that nothing fits."""
    task = {
        "length": length,
        "width": WIDTH,
        "max_steps": 1_000,
        "max_kept": kept,
        "max_parameters": 50_000,
        "difference": (0.004, 0.011),
    }
    if submission["choose"].error(task) is not None:
        return "-"
    return str(submission["choose"](task))
