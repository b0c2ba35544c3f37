"""What wrong tags cost: the share of right tags beside the F1 of entities."""

import random

from grader.checks import Submission, record_figure

PATTERN = ["O", "B-PER", "I-PER", "I-PER", "O", "O", "B-ORG", "I-ORG", "O", "B-LOC", "O", "O"]


def picture(submission: Submission) -> None:
    """Spoil more and more tags of 50 sentences, at random."""
    draw = random.Random(0)
    gold = [list(PATTERN) for _ in range(50)]
    places = [(n, t) for n in range(len(gold)) for t in range(len(PATTERN))]
    draw.shuffle(places)
    right, f1 = [], []
    for percent in range(0, 41, 2):
        predicted = [list(tags) for tags in gold]
        wrong = len(places) * percent // 100
        for n, t in places[:wrong]:
            predicted[n][t] = "O" if gold[n][t] != "O" else "B-PER"
        (_, _, score), _ = submission["entity_f1"](gold, predicted)
        right.append((percent, 1 - wrong / len(places)))
        f1.append((percent, score))
    record_figure(
        "A few wrong tags, and most of the F1 is gone",
        {"right tags": right, "your F1": f1},
        x="% of tags wrong,",
        y="share",
    )
