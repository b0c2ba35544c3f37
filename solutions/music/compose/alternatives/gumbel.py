"""Draws with Gumbel noise, keeps the nucleus with a mask, and reads a tune as text."""

import re

import torch

END, BAR, OPEN, CLOSE = 0, 1, 2, 3
STEPS = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}


def probabilities(logits, temperature):
    """The exponential of a log-softmax."""
    if not temperature >= 0.0:
        raise ValueError("no such temperature")
    best = logits.max(dim=1, keepdim=True).values
    if temperature == 0:
        equal = logits == best
        return (equal & (equal.cumsum(dim=1) == 1)).to(logits.dtype)
    return torch.log_softmax((logits - best) / temperature, dim=1).exp()


def nucleus(p, mass):
    """An entry stays if those before it in rank do not reach the mass."""
    if not 0 < mass <= 1:
        raise ValueError("no such mass")
    ids = torch.arange(p.shape[1])
    ahead = (p[:, None, :] > p[:, :, None]) | (
        (p[:, None, :] == p[:, :, None]) & (ids[None, :] < ids[:, None])
    )
    before = (ahead * p[:, None, :]).sum(dim=2)
    kept = p.masked_fill(before >= mass, 0.0)
    return kept / kept.sum(dim=1, keepdim=True)


def draw(p):
    """The largest log-probability with noise on it."""
    noise = -torch.log(
        -torch.log(torch.rand(p.shape, dtype=torch.float64).clamp(1e-300, 1 - 1e-16))
    )
    return (p.double().log() + noise).argmax(dim=1)


def scale(pitches, tonic, mode):
    """Index a table of the twelve pitch classes."""
    try:
        steps = STEPS[mode]
    except KeyError:
        raise ValueError(f"unknown mode {mode}") from None
    table = torch.zeros(12, dtype=torch.bool)
    table[[(tonic + step) % 12 for step in steps]] = True
    return table[pitches % 12] | pitches.eq(-1)


def _spell(tokens, durations):
    """One letter for each token: e | ( ) for signs, a note's length in dots behind an n."""
    letters = {END: "e", BAR: "|", OPEN: "(", CLOSE: ")"}
    return [letters.get(token) or "n" * int(durations[token]) for token in tokens]


def follow(tokens, durations, bar):
    """Match what may stand before each token with a regular expression."""
    full = "n" * bar
    text, bars, opened = "", 0, False
    for place, (token, word) in enumerate(zip(tokens, _spell(tokens, durations), strict=True)):
        notes = re.search(r"n*$", text)[0]
        ok = not text.endswith("e")
        if word[0] == "n":
            ok = ok and len(notes + word) <= bar
        elif word == "e":
            ok = ok and not notes and bars >= 1 and not opened
        elif word == "(":
            ok = ok and notes in ("", full) and not opened
        else:
            ok = ok and notes == full and (opened or word == "|")
        if not ok:
            raise ValueError(f"position {place} is against the rules")
        if token in (BAR, OPEN, CLOSE):
            bars += notes == full
            opened = {BAR: opened, OPEN: True, CLOSE: False}[token]
        text += word
    return len(re.search(r"n*(?=e?$)", text)[0]), bars, opened


def legal(filled, bars, opened, durations, allowed, bar, most):
    """Work out which fillings of a bar lead to its end, from the back."""
    good = torch.zeros(bar + 1, dtype=torch.bool)
    good[bar] = True
    for place in reversed(range(bar)):
        ahead = place + durations[4:][allowed[4:]]
        good[place] = bool(good[ahead[ahead <= bar]].any())
    after = filled + durations
    mask = allowed & (after <= bar) & good[after.clamp(max=bar)]
    if bars >= most:
        mask = torch.zeros_like(mask)
    full = filled == bar
    ended = bars + int(full)
    another = ended < most and bool(good[0])
    mask[END] = not opened and bars > 0 and filled == 0
    mask[BAR] = full and ended <= most and (another or not opened)
    mask[OPEN] = (full or filled == 0) and not opened and another
    mask[CLOSE] = full and opened and ended <= most
    return mask


def generate(table, durations, allowed, prompts, bar, most, temperature, mass):
    """All tunes side by side: one step of each that has not ended, drawn together."""
    tunes = [list(prompt) for prompt in prompts]
    while True:
        states = [follow(tune, durations, bar) for tune in tunes]
        going = [n for n, tune in enumerate(tunes) if not tune or tune[-1] != END]
        if not going:
            return tunes
        masks = torch.stack([legal(*states[n], durations, allowed, bar, most) for n in going])
        if not masks.any(dim=1).all():
            raise ValueError("no token is legal")
        context = torch.tensor([[END, END, *tunes[n]][-2:] for n in going])
        logits = table[context[:, 0], context[:, 1]].masked_fill(~masks, float("-inf"))
        ids = draw(nucleus(probabilities(logits, temperature), mass))
        for n, token in zip(going, ids.tolist(), strict=True):
            tunes[n].append(token)


def longest_copy(tune, corpus):
    """Slide one over the other."""
    best = 0
    for other in corpus:
        for shift in range(-len(other), len(tune)):
            run = 0
            for k in range(len(other)):
                same = 0 <= k + shift < len(tune) and tune[k + shift] == other[k]
                run = run + 1 if same else 0
                best = max(best, run)
    return best


def compose(
    table, durations, allowed, corpus, prompt, bar, most, temperature, mass, longest, tries
):
    """Generate all of them at once, and take the one with the shortest copy."""
    drawn = generate(table, durations, allowed, [prompt] * tries, bar, most, temperature, mass)
    return min(drawn, key=lambda tune: longest_copy(tune, corpus))
