"""Dates in words and in figures, made from a seed: pairs for a model that translates.

the third of march nineteen eighty four  ->  1984-03-03
"""

import random
from typing import TypeAlias

Pair: TypeAlias = tuple[list[str], list[str]]

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = [
    "_",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
FIRST_YEAR, LAST_YEAR = 1900, 2099


def number(value: int) -> list[str]:
    """A number from 0 to 99 in words."""
    if value < 20:
        return [_ONES[value]]
    return [_TENS[value // 10], *([_ONES[value % 10]] if value % 10 else [])]


def ordinal(value: int) -> list[str]:
    """A number from 1 to 31 as a day of a month, in words."""
    if value < 20:
        return [_ORDINALS[value]]
    if value % 10 == 0:
        return [{20: "twentieth", 30: "thirtieth"}[value]]
    return [_TENS[value // 10], _ORDINALS[value % 10]]


def year(value: int, rng: random.Random) -> list[str]:
    """A year from 1900 to 2099 in words, in one of the ways in which people say it."""
    century, rest = divmod(value, 100)
    if century == 20 and (rest < 10 or rng.random() < 0.5):
        words = number(rest) if rest else []
        return ["two", "thousand", *(["and"] if rest and rng.random() < 0.5 else []), *words]
    if rest == 0:
        return [*number(century), "hundred"]
    if rest < 10:
        return [*number(century), rng.choice(["oh", "hundred"]), *number(rest)]
    return [*number(century), *number(rest)]


def spoken(date: tuple[int, int, int], rng: random.Random) -> list[str]:
    """A date (year, month, day) in words."""
    words, month, day = year(date[0], rng), MONTHS[date[1] - 1], ordinal(date[2])
    form = rng.choice(["day", "month", "year", "parts", "parts", "parts"])
    if form == "parts":  # only the order tells which number is the day's
        parts = [["day", *number(date[2])], ["month", *number(date[1])], ["year", *words]]
        rng.shuffle(parts)
        return [word for part in parts for word in part]
    if form == "year":
        return ["in", *words, "on", month, *day]
    if form == "day":
        front = [rng.choice(DAYS), "the"] if rng.random() < 0.3 else ["the"]
        return [*front, *day, "of", month, *words]
    return [month, "the", *day, *words]


def made(count: int, seed: int, *, held_back: bool = False) -> list[Pair]:
    """Pairs of a date in words and the ten characters of the same date in figures.

    Args:
        count: how many.
        seed: the same seed makes the same pairs.
        held_back: dates that are never among those that are not held back.
    """
    rng = random.Random(f"dates {seed} {held_back}")
    pairs: list[Pair] = []
    while len(pairs) < count:
        y, month = rng.randint(FIRST_YEAR, LAST_YEAR), rng.randint(1, 12)
        day = rng.randint(1, _LENGTHS[month - 1])
        # One date in seven is for judging alone; no word of it tells which.
        kept = ((y * 12 + month) * 31 + day) * 7919 % 10_007 % 7 == 0
        if kept == held_back:
            pairs.append((spoken((y, month, day), rng), list(f"{y:04}-{month:02}-{day:02}")))
    return pairs
