# /// attack
# row = 42
# kind = "build"
# expect = ["USAGE", "FAILED"]
# invariant = "an archive is never unpacked"
# ///
"""Archives in place of a file: with `..`, links, devices, a bomb and one name twice. As .zip, as .tar.gz, and under the name .py."""

import io
import tarfile
import warnings
import zipfile


def build(folder, secrets):
    data = io.BytesIO()
    kind = len(str(folder)) % 3
    if kind == 1:
        with tarfile.open(fileobj=data, mode="w:gz") as archive:
            for name, type_, link in (
                ("../../katas-attack.py", tarfile.REGTYPE, ""),
                ("/tmp/katas-attack.py", tarfile.REGTYPE, ""),
                ("lstm_cell.py", tarfile.SYMTYPE, str(secrets["solution"])),
                ("lstm_cell.py", tarfile.LNKTYPE, str(secrets["solution"])),
                ("null", tarfile.CHRTYPE, ""),
            ):
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname = type_, link
                archive.addfile(entry)
    else:
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("../../katas-attack.py", "x = 1")
            archive.writestr("lstm_cell.py", secrets["solution"].read_bytes())
            archive.writestr("lstm_cell.py", "x = 1")
            archive.writestr("bomb", b"\0" * (50 << 20))
    name = ["lstm_cell.zip", "lstm_cell.tar.gz", "lstm_cell.py"][kind]
    (folder / name).write_bytes(data.getvalue())
    return folder / name if kind == 2 else folder
