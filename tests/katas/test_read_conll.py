"""`ner/read_conll`: its worked example, real data, and files as they come."""

import re

import pytest

KATA = "ner/read_conll"

COUNTED = {  # sentences, tokens, and entities by their first tags
    "train": (3394, 62730, 1975),
    "dev": (1009, 15733, 836),
    "test": (1287, 23394, 1079),
}


def example_of(readme: str) -> bytes:
    """The file of the worked example."""
    rows = re.findall(r"^    \d(?:   (.*))?$", readme, re.MULTILINE)
    return "".join(row + "\n" for row in rows).encode()


def test_the_worked_example(answer, readme: str) -> None:
    data = example_of(readme)
    assert answer.read_conll(data) == [
        (["Inter", "beat", "AC", "Milan"], ["B-ORG", "O", "B-ORG", "I-ORG"]),
        (["Rome"], ["B-LOC"]),
    ]
    assert '(["Inter", "beat", "AC", "Milan"], ["B-ORG", "O", "B-ORG", "I-ORG"])' in readme
    for lost, rest in ((10, b"Rome NNP B"), (18, b"Ro")):
        assert f"{lost} bytes" in readme
        assert f"`{rest.decode()}`" in readme
        assert data[:-lost].endswith(b"\n" + rest)
        with pytest.raises(ValueError, match=r"^eng\.train:8: "):
            answer.read_conll(data[:-lost], "eng.train")
    assert "20 bytes" in readme
    assert len(answer.read_conll(data[:-20])) == 1


@pytest.mark.parametrize("part", COUNTED)
def test_wnut_is_read_whole(answer, wnut, part: str) -> None:
    sentences = answer.read_conll(wnut(part), part)
    assert len(sentences) == COUNTED[part][0]
    assert sum(len(tokens) for tokens, _ in sentences) == COUNTED[part][1]
    begun = sum(tag.startswith("B-") for _, tags in sentences for tag in tags)
    assert begun == COUNTED[part][2]
    assert all(len(tokens) == len(tags) for tokens, tags in sentences)
    assert any(token.startswith("#") for tokens, _ in sentences for token in tokens)


def test_what_the_task_says_of_wnut(wnut, readme: str) -> None:
    blank = [line for line in wnut("train").decode().split("\n")[:-1] if not line.strip()]
    tabs = sum("\t" in line for line in blank)
    assert f"{tabs:,} of the {len(blank):,} blank lines" in " ".join(readme.split())


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_wnut_in_other_clothes_is_the_same(answer, wnut, end: bytes) -> None:
    data = wnut("dev")
    dressed = b"\xef\xbb\xbf" + data.rstrip().replace(b"\n", end).replace(b"\t", b" ")
    assert answer.read_conll(dressed) == answer.read_conll(data)


def test_every_cut_of_real_data_is_read_or_refused_with_its_line(answer, wnut) -> None:
    data = wnut("dev")[:1500]
    whole = answer.read_conll(wnut("dev"))
    refused = 0
    for size in range(1100, len(data)):
        cut = data[:size]
        error, sentences = None, []
        try:
            sentences = answer.read_conll(cut, "dev.conll")
        except ValueError as raised:
            error = raised
        if error is None:
            assert sentences[:-1] == whole[: len(sentences) - 1]
        else:
            refused += 1
            last = 1 + cut.count(b"\n")
            assert str(error).startswith(f"dev.conll:{last}: "), (size, str(error))
    assert 100 < refused < size - 1100


@pytest.mark.parametrize(
    "data",
    [
        "Rome\tB-LOC\n".encode("utf-16"),
        b"\x00\x01\x02",
        b"Rome B-LOC\rParis B-LOC\n",
        b"Rome\n",
        b"Rome B-LOC\nParis\n",
        b"Rome,B-LOC\n",
        b"Rome\tB-LOC\t\nMilan\tNNP\tB-LOC\n",
    ],
)
def test_what_is_no_such_file_is_a_value_error_with_a_line(answer, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^data:[12]: "):
        answer.read_conll(data)


def test_nothing_gives_nothing(answer) -> None:
    assert answer.read_conll(b"") == []
    assert answer.read_conll(b"-DOCSTART- -X- O O\r\n\r\n") == []
