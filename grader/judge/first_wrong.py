"""The first wrong value: a submission's calls, traced beside those of every right answer."""

from collections.abc import Container, Sequence

from grader.checks.check import Check
from grader.checks.submission import Body
from grader.judge.bank import MORE_CASES, TRACED_CASES, Bank, traced
from grader.judge.conversation import Conversation, Exchange
from grader.judge.misplaced import chosen_wrongly
from grader.judge.suspect import Compared, Part, Suspicion, first_difference, most_agreed
from grader.worker.trace import MOST_STEPS


def suspect(
    bank: Bank,
    submission: Conversation,
    failed: Check,
    counterexample: Body,
    passed: Container[str],
) -> Suspicion | None:
    """The operation at which the submission's values leave those of every right answer.

    Args:
        bank: the kata's right answers.
        submission: whose answers are wrong.
        failed: the check that it failed.
        counterexample: that check's body on the case that failed.
        passed: names of the checks that it passed: their cases show nothing.
    """
    returned: list[Suspicion] = []
    cases: list[tuple[Check, list[tuple[int | None, Body]]]] = [
        (check, [*enumerate(bank.bodies(check)[:MORE_CASES])])
        for check in dict.fromkeys((bank.main_of_its_kind(failed), failed))
        if check.name not in passed
    ]
    cases.append((failed, [(None, counterexample)]))
    for check, bodies in cases:
        found: list[Suspicion] = []
        steps = 0
        differs = check is not failed
        for tried, (number, body) in enumerate(bodies):
            settled = most_agreed(found) or (not found and check is not failed)
            if (tried >= TRACED_CASES and settled) or (found and steps >= MOST_STEPS):
                break  # what the cases have said is believed; long ones take seconds
            if (
                tried == TRACED_CASES
                and not differs
                and _compared(bank, submission, failed, counterexample, None) is None
            ):
                return most_agreed(returned)  # all its values are right, and a gradient is not
            compared = _compared(bank, submission, check, body, number)
            differs = differs or compared is not None
            if compared and (one := chosen_wrongly(compared) or compared.suspicion):
                found.append(one)
            steps += len(compared.steps) if compared else 0
        if made := [one for one in found if not one.returned]:
            return most_agreed(made)
        returned = returned or found
    return most_agreed(returned)


def wrong_call(bank: Bank, submission: Conversation, check: Check) -> Compared | None:
    """A call whose answer is wrong, beside the right ones; of the first case that has one."""
    for asked in dict.fromkeys((bank.main_of_its_kind(check), check)):
        for number, body in enumerate(bank.bodies(asked)[:MORE_CASES]):
            found = _compared(bank, submission, asked, body, number)
            if found is not None:
                return found
    return None


def _compared(
    bank: Bank, submission: Conversation, check: Check, body: Body, number: int | None
) -> Compared | None:
    """The first wrong call of a case, `number` of the bank's own or None if it is another."""
    with submission.clock.running():
        submission.reload()
        theirs = traced(body, submission)
    return beside_right_ones(bank, theirs, check, body, number)


def beside_right_ones(
    bank: Bank, theirs: Sequence[Exchange], check: Check, body: Body, number: int | None
) -> Compared | None:
    """The first wrong call of a case that was asked, traced, beside the right ones.

    Args:
        bank: the kata's right answers.
        theirs: what was asked and answered.
        check: whose case it is.
        body: the case.
        number: which of the bank's own it is, or None if it is another.
    """
    rounding = bank.rounding(check)
    solution = bank.rights_traced(check, body, number, solution_alone=True)
    if first_difference(theirs, solution, rounding) is None:
        return None
    rights = bank.rights_traced(check, body, number)
    place = first_difference(theirs, rights, rounding)
    if place is None:
        return None

    def beside(number: int, wrong: Sequence[Part] | None = None) -> Compared:
        same_call = [log[number] for log in rights if number < len(log)]
        answered = [one for one in same_call if one.answer is not None]
        return Compared(theirs[number], answered, bank.solution, rounding, wrong)

    found = beside(place)
    wrong = found.found_as_it_was() if found.ends else [Part(part.value) for part in found.wrong]
    for number in reversed(range(place)):  # a state is what an earlier call has left
        if not wrong:
            break
        one = beside(number, wrong)
        if one.suspicion is not None:
            found, wrong = one, one.found_as_it_was()
    return found
