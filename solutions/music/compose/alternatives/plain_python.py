"""Plain Python and its floats for rules and copies, an inverse of the running sums for draws."""

import torch

END, BAR, OPEN, CLOSE = 0, 1, 2, 3
STEPS = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}


def probabilities(logits, temperature):
    """One-hot when cold, else a softmax from the largest logit down."""
    if temperature != temperature or temperature < 0:
        raise ValueError("the temperature must be 0 or more")
    if temperature == 0:
        cold = torch.zeros_like(logits)
        for row, one in zip(logits.tolist(), cold, strict=True):
            one[row.index(max(row))] = 1
        return cold
    gaps = logits - logits.max(dim=-1, keepdim=True).values
    powers = torch.exp(gaps / temperature)
    return powers / powers.sum(dim=-1, keepdim=True)


def nucleus(p, mass):
    """Row by row, from the most probable entry down."""
    if not (mass > 0 and mass <= 1):
        raise ValueError("the mass must be above 0 and at most 1")
    result = torch.zeros_like(p)
    for row, kept in zip(p, result, strict=True):
        ids = sorted(range(len(row)), key=lambda k, row=row: -float(row[k]))
        total = 0.0
        for k in ids:
            if total >= mass:
                break
            kept[k] = row[k]
            total += float(row[k])
        kept /= kept.clone().sum()
    return result


def draw(p):
    """The first id whose running sum is above a random number."""
    sums = p.double().cumsum(dim=1)
    u = torch.rand(len(p), 1, dtype=torch.float64) * sums[:, -1:]
    return torch.searchsorted(sums, u, right=True)[:, 0]


def scale(pitches, tonic, mode):
    """Look every pitch class up in a list."""
    if mode not in STEPS:
        raise ValueError(mode)
    inside = [(tonic + step) % 12 for step in STEPS[mode]]
    return torch.tensor([pitch == -1 or pitch % 12 in inside for pitch in pitches.tolist()])


def follow(tokens, durations, bar):
    """A small machine with one branch for each kind of token."""
    lengths = durations.tolist()
    filled, bars, opened = 0, 0, False
    for place in range(len(tokens)):
        token = tokens[place]
        wrong = place > 0 and tokens[place - 1] == END
        if token >= 4:
            filled += lengths[token]
            wrong = wrong or filled > bar
        elif token == END:
            wrong = wrong or filled != 0 or bars == 0 or opened
        else:
            if token == OPEN:
                wrong = wrong or opened or 0 < filled < bar
            else:
                wrong = wrong or filled < bar or (token == CLOSE and not opened)
            bars += 1 if filled == bar else 0
            filled = 0
            if token != BAR:
                opened = token == OPEN
        if wrong:
            raise ValueError(f"at {place}: this token breaks a rule")
    return filled, bars, opened


def legal(filled, bars, opened, durations, allowed, bar, most):
    """Search for a way to the end from behind each token."""
    lengths, usable = durations.tolist(), allowed.tolist()
    notes = {lengths[k] for k in range(4, len(lengths)) if usable[k]}
    known = {}

    def fills(gap):
        if gap not in known:
            known[gap] = gap == 0 or any(d <= gap and fills(gap - d) for d in notes)
        return known[gap]

    def ends(filled, bars, opened):
        if bars > most:
            return False
        if filled == 0 and bars > 0 and not opened:
            return True
        return bars < most and fills(bar - filled)

    found = []
    for token in range(len(lengths)):
        if token == END:
            fine = filled == 0 and bars > 0 and not opened
        elif token == BAR:
            fine = filled == bar and ends(0, bars + 1, opened)
        elif token == OPEN:
            after = bars + (filled == bar)
            fine = not opened and filled in (0, bar) and ends(0, after, True)
        elif token == CLOSE:
            fine = opened and filled == bar and ends(0, bars + 1, False)
        else:
            after = filled + lengths[token]
            fine = usable[token] and after <= bar and ends(after, bars, opened)
        found.append(bool(fine))
    return torch.tensor(found)


def generate(table, durations, allowed, prompts, bar, most, temperature, mass):
    """One tune after the other."""
    rest = (bar, most, temperature, mass)
    return [_generate(table, durations, allowed, prompt, *rest) for prompt in prompts]


def _generate(table, durations, allowed, prompt, bar, most, temperature, mass):
    """Draw among the legal ids alone, with their logits in a short row."""
    tune = [*prompt]
    filled, bars, opened = follow(tune, durations, bar)
    while not tune or tune[-1] != END:
        ids = legal(filled, bars, opened, durations, allowed, bar, most).nonzero()[:, 0]
        if len(ids) == 0:
            raise ValueError("there is no way to the end")
        a = tune[-2] if len(tune) > 1 else END
        b = tune[-1] if tune else END
        p = nucleus(probabilities(table[a, b, ids].unsqueeze(0), temperature), mass)
        tune.append(ids[draw(p)].item())
        filled, bars, opened = follow(tune, durations, bar)
    return tune


def longest_copy(tune, corpus):
    """Make the run longer as long as it is found somewhere."""
    size = 0
    while any(
        list(other[k : k + size + 1]) == list(tune[at : at + size + 1])
        for at in range(len(tune) - size)
        for other in corpus
        for k in range(len(other) - size)
    ):
        size += 1
    return size


def compose(
    table, durations, allowed, corpus, prompt, bar, most, temperature, mass, longest, tries
):
    """Keep the best one so far."""
    best, least = None, None
    for _ in range(tries):
        tune = _generate(table, durations, allowed, prompt, bar, most, temperature, mass)
        copied = longest_copy(tune, corpus)
        if least is None or copied < least:
            best, least = tune, copied
        if copied <= longest:
            break
    return best
