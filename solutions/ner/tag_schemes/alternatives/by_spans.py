"""Both conversions go through spans, and a regular expression finds them."""

import re

_TAG = re.compile(r"O|([BI])-(.+)", re.DOTALL)


def _read(tags):
    parts = []
    for place, tag in enumerate(tags):
        match = _TAG.fullmatch(tag)
        if match is None:
            raise ValueError(f"no tag at {place}: {tag}")
        parts.append((match[1] or "O", match[2]))
    return parts


def iob1_to_iob2(tags):
    """Return the tags in IOB2."""
    parts = _read(tags)
    answer = list(tags)
    for place, (letter, kind) in enumerate(parts):
        follows = place > 0 and parts[place - 1][1] == kind
        if letter == "B" and not follows:
            raise ValueError(f"position {place}: {tags[place]} is not IOB1")
        if letter == "I" and not follows:
            answer[place] = "B" + answer[place][1:]
    return answer


def iob2_to_iob1(tags):
    """Return the tags in IOB1."""
    spans = to_spans(tags)
    inside = {place for _, start, end in spans for place in range(start, end)}
    for place, tag in enumerate(tags):
        if tag != "O" and place not in inside:
            raise ValueError(f"position {place}: {tag} is not IOB2")
    answer = ["O"] * len(tags)
    last = (None, 0, 0)
    for kind, start, end in spans:
        answer[start:end] = [f"I-{kind}"] * (end - start)
        if last[0] == kind and last[2] == start:
            answer[start] = f"B-{kind}"
        last = (kind, start, end)
    return answer


def to_spans(tags):
    """Return the entities."""
    parts = _read(tags)
    spans = []
    for start, (letter, kind) in enumerate(parts):
        if letter == "B":
            end = start + 1
            while end < len(parts) and parts[end] == ("I", kind):
                end += 1
            spans.append((kind, start, end))
    return spans
