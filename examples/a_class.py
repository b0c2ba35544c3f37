"""A made-up class, from the folder that Canvas gives to the marks that Canvas and Moodle take.

Run by `make class`. Forty students hand in two katas: right answers in several styles, mistakes,
stubs, files that do not parse or never end, and nothing at all. Some write an answer in prose, and
two hand in the same thing under other names. Grading is killed in the middle and started again;
whoever is unusually alike is named, the prose is marked in a CSV, the marks are filled into the
sheets of both systems, and the dashboard is written. Exits with 0 if and only if nothing was lost,
and nothing was graded twice.
"""

import argparse
import csv
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from grader.course.catalog import Course, built_in_course
from grader.course.kata import Kata
from grader.course.misconceptions import mutant_source

KATAS = ("lstm/lstm_cell", "gru/gru_cell")
PROSE = "interview/q1_lstm_equations"
FIRST = ("Ada", "Alan", "Barbara", "Claude", "Donald", "Emmy", "Grace", "Hedy", "Joan", "Katherine")
LAST = ("Ames", "Bauer", "Cho", "Diaz", "Eze", "Gupta", "Hahn", "Ito", "Khan", "Müller", "Okafor")
BROKEN = (
    b"def lstm_cell(x, h, c:\n    return h\n",
    b"while True:\n    pass\n",
    b"import sys\nsys.exit(0)\n",
    b"",
)
ALIKE = """
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    size = h.shape[1]
    parts = []
    for number in range(4):
        rows = slice(number * size, (number + 1) * size)
        total = torch.addmm(b_ih[rows] + b_hh[rows], x, w_ih[rows].T)
        total = torch.addmm(total, h, w_hh[rows].T)
        parts.append(torch.tanh(total) if number == 2 else 1 / (1 + torch.exp(-total)))
    new_c = torch.addcmul(parts[1] * c, parts[2], parts[0])
    return parts[3] * new_c.tanh(), new_c
"""
RENAMED = {"size": "hidden", "parts": "blocks", "number": "k", "rows": "part", "total": "pre"}
ANSWERS = (
    ("c carries the memory on almost linearly; h is what the gates see of it.", "roles"),
    ("One is long and one is short.", "missing"),
    ("What is kept must not be squashed at each step, so c keeps it and h shows a part.", "reason"),
)
QUESTION = "## Why two states?"
KATA = "import sys; sys.argv[0] = 'kata'; from grader.cli.main import main; sys.exit(main())"


def main() -> int:
    """Make the class, grade it, hand the marks back; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--folder", type=Path, default=Path("build/class"))
    given = parser.parse_args()
    folder = given.folder
    shutil.rmtree(folder, ignore_errors=True)
    handed = folder / "handed-in"
    handed.mkdir(parents=True)
    course = built_in_course()
    files = make_class(course, handed, given.students)
    write_prose(course.find(PROSE), handed)
    write_sheets(folder, given.students)
    print(f"{given.students} students handed in {files} files: {handed}")

    book = folder / "class.sqlite"
    grade = ["grade", str(handed), "--gradebook", str(book), "--jobs", "2"]
    grade += ["--katas", *KATAS, PROSE]
    if not killed_in_the_middle(grade, book, at=files // 3):
        print("it was done before it could be killed")
    before = verdicts(book)
    print(f"killed after {before} verdicts; the same command again:")
    run(*grade)
    after = verdicts(book)
    print(f"{after} verdicts for {files} files")

    run("similar", "--gradebook", str(book))
    run("similar", "--gradebook", str(book), "-o", str(folder / "alike.html"))
    sheet, marks = folder / "prose.csv", folder / "prose-marked.csv"
    run("mark", "--gradebook", str(book), "--csv-out", str(sheet))
    mark_prose(sheet, marks)
    run("mark", "--gradebook", str(book), "--csv-in", str(marks), "--marker", "Grace")

    export = ["export", "--gradebook", str(book), "--katas", *KATAS]
    canvas = ["--into", str(folder / "canvas.csv"), "--column", "Cells (77)"]
    run(*export, "--format", "canvas", *canvas, "-o", str(folder / "canvas-filled.csv"))
    moodle = ["--into", str(folder / "moodle.csv"), "-o", str(folder / "moodle-filled.csv")]
    run(*export, "--format", "moodle", *moodle)
    run("stats", "--gradebook", str(book))
    run("dashboard", str(book), "-o", str(folder / "class.html"))
    print(f"\nMarks: {folder}/canvas-filled.csv, {folder}/moodle-filled.csv")
    print(f"The class: {folder}/class.html; who is alike: {folder}/alike.html")
    again = twice(book)
    if after != files or again:
        print(f"{files - after} are lost, {again} were graded twice", file=sys.stderr)
        return 1
    return 0


def name_of(number: int) -> str:
    """A student's name; the first 110 differ."""
    return f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"


def make_class(course: Course, folder: Path, students: int) -> int:
    """Write what a class hands in, with Canvas' names of files; how many there are."""
    random_ = random.Random(2024)
    count = 0
    for number in range(students):
        name = "".join(reversed(name_of(number).lower().split()))
        for kata in map(course.find, KATAS):
            source = answer(kata, random_)
            if kata.short == "lstm_cell" and number < 2:  # one has it from the other
                source = ALIKE.encode() if number == 0 else renamed(ALIKE).encode()
            if source is not None:
                late = "_LATE" if random_.random() < 0.1 else ""
                path = folder / f"{name}{late}_{1000 + number}_{5000 + count}_{kata.short}.py"
                path.write_bytes(source)
                count += 1
    return count


def renamed(source: str) -> str:
    """A source with other names, as somebody writes it who has it from somebody else."""
    return re.sub(r"\w+", lambda word: RENAMED.get(word[0], word[0]), source)


def write_prose(kata: Kata, folder: Path) -> None:
    """Three students answer a question in their own words."""
    template = (kata.folder / "answers.md").read_text(encoding="utf-8")
    before, behind = template.split(QUESTION)
    for number, (text, _) in enumerate(ANSWERS):
        name = "".join(reversed(name_of(number).lower().split()))
        path = folder / f"{name}_{1000 + number}_{9000 + number}_answers.md"
        path.write_text(f"{before}{QUESTION}\n\n{text}\n{behind}", encoding="utf-8")


def mark_prose(sheet: Path, marked: Path) -> None:
    """Fill in a sheet of `kata mark` as a person would: a level for a criterion of each answer."""
    with open(sheet, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        level = next((level for text, level in ANSWERS if text in row["text"]), "")
        if row["criterion"] == "roles_of_the_states":
            row["level"] = level
    with open(marked, "w", newline="", encoding="utf-8") as file:
        sheet_out = csv.DictWriter(file, list(rows[0]))
        sheet_out.writeheader()
        sheet_out.writerows(rows)


def answer(kata: Kata, random_: random.Random) -> bytes | None:
    """What one student hands in: most are right, many make a mistake, some hand in nothing."""
    kind = random_.random()
    if kind < 0.1:
        return None
    if kind < 0.15:
        return kata.stub.read_bytes()
    if kind < 0.2:
        return random_.choice(BROKEN)
    if kind < 0.6:
        mistake = random_.choice(kata.misconceptions)
        return mutant_source(mistake, kata.solution, kata.solutions) + own_line(random_)
    right = random_.choice([kata.solution, *kata.alternatives])
    return right.read_bytes() + own_line(random_)


def own_line(random_: random.Random) -> bytes:
    """A line that makes a file the only one of its kind."""
    return f"\n# {random_.getrandbits(64):x}\n".encode()


def write_sheets(folder: Path, students: int) -> None:
    """Write what Canvas and Moodle export before there are marks."""
    with open(folder / "canvas.csv", "w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(["Student", "ID", "SIS Login ID", "Section", "Cells (77)", "Final Score"])
        sheet.writerow(["    Points Possible", "", "", "", "100", "(read only)"])
        for number in range(students):
            first, last = name_of(number).split()
            sheet.writerow([f"{last}, {first}", 1000 + number, f"s{number}", "A", "", ""])
    with open(folder / "moodle.csv", "w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        head = ["Identifier", "Full name", "Status", "Grade", "Maximum Grade"]
        sheet.writerow([*head, "Grade can be changed", "Last modified (grade)"])
        for number in range(students):
            one = [f"Participant {1000 + number}", name_of(number), "Submitted", "-", "100.00"]
            sheet.writerow([*one, "Yes", "-"])


def command(*arguments: str) -> list[str]:
    """The `kata` of this Python."""
    return [sys.executable, "-c", KATA, *arguments]


def run(*arguments: str) -> None:
    """Run `kata`; what it prints is shown."""
    print(f"\n$ kata {' '.join(arguments)}", flush=True)
    done = subprocess.run(command(*arguments), check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.returncode)


def killed_in_the_middle(arguments: list[str], book: Path, *, at: int) -> bool:
    """Start grading and kill it, without a warning, once there are so many verdicts."""
    print(f"\n$ kata {' '.join(arguments)}", flush=True)
    process = subprocess.Popen(command(*arguments), start_new_session=True)
    while process.poll() is None:
        if verdicts(book) >= at:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.05)
    return False


def verdicts(book: Path) -> int:
    """How many verdicts a gradebook holds."""
    return count(book, "SELECT count(*) FROM verdict")


def twice(book: Path) -> int:
    """How many verdicts there are of files that have another one by the same rules."""
    return count(book, "SELECT count(*) - count(DISTINCT handed_id || ' ' || rules) FROM verdict")


def count(book: Path, query: str) -> int:
    """A number out of the gradebook; 0 where there is none yet."""
    if not book.is_file():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{book}?mode=ro", uri=True)) as database:
            return int(database.execute(query).fetchone()[0])
    except sqlite3.Error:
        return 0  # it is being made


if __name__ == "__main__":
    sys.exit(main())
