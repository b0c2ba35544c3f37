"""The worked example of the task: a small file in four columns, whole and cut."""

from grader.checks import Submission, worked

FILE = b"""-DOCSTART- -X- -X- O

Inter NNP B-NP B-ORG
beat VBD B-VP O
AC NNP B-NP B-ORG
Milan NNP I-NP I-ORG

Rome NNP B-NP B-LOC
"""


def example(submission: Submission) -> None:
    """Two sentences; then the error of the file without its last bytes."""
    sentences = submission["read_conll"](FILE, "eng.train")
    first = "Inter beat AC Milan B-ORG O B-ORG I-ORG"
    worked("sentence 0", first, sentences[:1])
    worked("sentence 1", "Rome B-LOC", sentences[1:])
    for cut in (10, 18):
        error = submission["read_conll"].error(FILE[:-cut], "eng.train")
        said = error.message.split(" ")[0] if error else "no error"
        kind = error.type if error else ""
        worked(f"without the last {cut} bytes", "ValueError: eng.train:8:", f"{kind}: {said}")
