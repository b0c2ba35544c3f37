"""Real data sets that katas can train on: what they are, where they are looked for, how to get one.

None of them comes with the project. A set lies in a folder of its name: in `data/` of the
workspace, in the folder that `TENSOR_KATAS_DATA` names, or in the user's folder for data. Some come
with a Python package, and are found in it if it is installed.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import Struct
from platformdirs import user_data_path

from grader.errors import DataError, NotFoundError

VARIABLE = "TENSOR_KATAS_DATA"


class DataSet(Struct, frozen=True):
    """A set of real data.

    Args:
        name: its folder's name, and what `--data` takes.
        title: what it is.
        licence: under which it may be used, and who made it.
        how: how to get it.
        reader: module and function that read it: `ner:read`, below `grader.data`.
        unit: what is counted: sentences, tunes.
        package: a folder of an installed Python package that holds it; empty if there is none.
    """

    name: str
    title: str
    licence: str
    how: str
    reader: str
    unit: str
    package: str = ""

    @property
    def installed(self) -> Path | None:
        """Its folder in an installed package; nothing is imported."""
        name, _, inside = self.package.partition("/")
        spec = find_spec(name) if name else None
        places = (spec.submodule_search_locations or ()) if spec else ()
        return next((Path(place) / inside for place in places), None)

    def read(self, path: Path) -> Any:
        """Read it.

        Raises:
            DataError: a file is missing or broken; with file and line.
        """
        module, function = self.reader.split(":")
        return getattr(import_module(f"grader.data.{module}"), function)(path)

    def size(self, path: Path) -> int:
        """How many units it has; read in full, so that a broken line is found.

        Raises:
            DataError: a file is missing or broken; with file and line.
        """
        return _size(self.read(path))


def _size(found: Any) -> int:
    """The entries of a list, or of the lists in a tuple of parts."""
    if isinstance(found, tuple) and found and all(isinstance(part, list) for part in found):
        return sum(map(len, found))
    return len(found)


SETS = (
    DataSet(
        "conll2003",
        "CoNLL-2003: English news with persons, organisations, locations, others",
        "the annotations are free, the Reuters text is not: only your own copy can be used",
        "ask NIST for the Reuters corpus RCV1 and build eng.train, eng.testa and eng.testb from it",
        "ner:read",
        "sentences",
    ),
    DataSet(
        "wnut17",
        "WNUT 2017: emerging entities in posts of six types",
        "CC BY 4.0, Derczynski, Nichols, van Erp, Limsopatham 2017",
        "the repository emerging_entities_17 of its authors: wnut17train.conll, emerging.dev.conll",
        "ner:read",
        "sentences",
    ),
    DataSet(
        "nottingham",
        "Nottingham Database: a thousand folk tunes in ABC",
        "GPL-3 in the cleaned transcription (Allwright, Jukedeck)",
        "the repository nottingham-dataset of Jukedeck: the folder ABC_cleaned",
        "tunes:read_tunes",
        "tunes",
    ),
    DataSet(
        "oneills1850",
        "O'Neill's tunes of Ireland, 1850: some 2,000 in ABC",
        "see the terms of music21's corpus",
        "pip install music21; the folder corpus/oneills1850 of that package",
        "tunes:read_tunes",
        "tunes",
        "music21/corpus/oneills1850",
    ),
    DataSet(
        "air_quality",
        "UCI Air Quality: hourly readings of a sensor in an Italian city, 2004 and 2005",
        "CC BY 4.0, De Vito et al. 2008",
        "UCI Machine Learning Repository, Air Quality: AirQualityUCI.csv",
        "series:read_measured",
        "hours",
    ),
    DataSet(
        "co2",
        "CO2 above Mauna Loa: a value a week from 1958 to 2001, with gaps",
        "public domain, Keeling and Whorf 2004",
        "pip install statsmodels; the folder datasets/co2 of that package",
        "series:read_measured",
        "weeks",
        "statsmodels/datasets/co2",
    ),
    DataSet(
        "sentiment",
        "UCI Sentiment Labelled Sentences: 3,000 sentences on films, products and restaurants",
        "CC BY 4.0, Kotzias et al. 2015",
        "UCI Machine Learning Repository, Sentiment Labelled Sentences: its three text files",
        "sentiment:read_sentences",
        "sentences",
    ),
    DataSet(
        "tatoeba",
        "Tatoeba: sentences in English and French",
        "CC BY 2.0 France, Tatoeba; the attribution stands in each line",
        "ManyThings' bilingual sentence pairs, French - English: fra.txt",
        "pairs:read",
        "pairs",
    ),
)


def find_set(name: str) -> DataSet:
    """A set by its name.

    Raises:
        NotFoundError: there is none of this name.
    """
    for one in SETS:
        if one.name == name.lower():
            return one
    names = ", ".join(one.name for one in SETS)
    raise NotFoundError(f"there is no data set {name!r}", advice=f"There are {names}.")


def folders(workspace: Path | None = None) -> Sequence[Path]:
    """The folders in which sets are looked for, in this order."""
    found = [workspace / "data"] if workspace is not None else []
    if os.environ.get(VARIABLE):
        found.append(Path(os.environ[VARIABLE]))
    return [*found, user_data_path("tensor-katas", appauthor=False)]


def places(one: DataSet, workspace: Path | None = None) -> list[Path]:
    """Where a set may lie, in the order in which it is looked for."""
    own = [folder / one.name for folder in folders(workspace)]
    return own if one.installed is None else [*own, one.installed]


def found(one: DataSet, workspace: Path | None = None) -> Path | None:
    """The first of its places where a set lies; None if it is in none of them."""
    return next((place for place in places(one, workspace) if place.exists()), None)


def located(name: str, workspace: Path | None = None) -> Path:
    """Where a set lies on this machine.

    Raises:
        NotFoundError: there is no set of this name, or it is in none of its places.
    """
    one = find_set(name)
    place = found(one, workspace)
    if place is not None:
        return place
    looked = ", ".join(map(str, places(one, workspace)))
    raise NotFoundError(
        f"{one.name} is not on this machine; looked for: {looked}",
        advice=f"How to get it: {one.how}.",
    )


def given_data(given: str, workspace: Path | None = None) -> Path:
    """The file or folder that `--data` means: a path, or the name of a set.

    Raises:
        NotFoundError: it is neither.
    """
    path = Path(given)
    if path.exists():
        return path
    if given.lower() in {one.name for one in SETS}:
        return located(given, workspace)
    raise NotFoundError(
        f"there is no {given}",
        advice="--data takes a file, a folder, or the name of a set: see kata data list.",
    )


def checked(name: str, path: Path) -> int:
    """How many units a set at a path has.

    Raises:
        NotFoundError: there is no set of this name.
        DataError: it is broken; with file and line.
    """
    one = find_set(name)
    if not path.exists():
        raise DataError(path, "is not there", advice=f"How to get {one.name}: {one.how}.")
    return one.size(path)
