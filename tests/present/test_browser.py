"""Pages in a real browser: they fit a narrow window, follow its scheme, and run and load nothing.

Chromium is Debian's (`apt-get install chromium`); without it these tests are skipped.
"""

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.present.report_page import Graded, verdict_in_a_cell
from tests.gate import few
from tests.present.test_pages import (
    HOSTILE,
    KATA,
    SOURCE,
    contrast,
    dashboard,
    report,
    verdict,
)

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian's chromium)"),
    pytest.mark.xdist_group("browser"),
]
POLICY = re.compile(rb"<meta http-equiv=\"Content-Security-Policy\"[^>]*>")
MEASURE = """<script>
const root = document.documentElement, said = {
  width: root.scrollWidth,
  ground: getComputedStyle(document.body).backgroundColor,
  images: [...document.images].map(one => one.naturalWidth > 0).join(),
  dark: [...document.images].some(one => one.currentSrc !== one.src),
  title: document.title,
  loaded: performance.getEntriesByType('resource').map(one => one.name).join(),
};
parent.postMessage(said, '*');
</script>"""
FRAME = """<!DOCTYPE html>
<iframe src="page.html" style="border:0;width:400px;height:900px"></iframe>
<pre id="said"></pre><script>
onmessage = event => document.getElementById('said').textContent = JSON.stringify(event.data);
</script>"""


def run(folder: Path, page: str, *options: str) -> str:
    """Open a page of a folder in the browser; what it writes to standard output."""
    command = [
        *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        "--hide-scrollbars",
        *("--disable-background-networking", f"--user-data-dir={folder / 'profile'}"),
        *(*options, (folder / page).as_uri()),
    ]
    return subprocess.run(command, capture_output=True, timeout=300, check=True).stdout.decode()


def measured(folder: Path, page: bytes, *options: str) -> dict:
    """What a page is in a window 400 pixels wide: it is asked by a script that we add."""
    import json

    (folder / "page.html").write_bytes(POLICY.sub(b"", page) + MEASURE.encode())
    (folder / "frame.html").write_text(FRAME)
    shown = run(folder, "frame.html", "--virtual-time-budget=5000", "--dump-dom", *options)
    return json.loads(html.unescape(re.search(r'<pre id="said">(.*?)</pre>', shown)[1]))


LONG = "a_name_without_any_break_" * 12
PAGES = {"report": lambda text: report(verdict(text)), "class": dashboard}


@pytest.mark.parametrize("kind", PAGES)
def test_it_fits_a_narrow_window_and_follows_the_scheme(kind: str, tmp_path: Path) -> None:
    light = measured(tmp_path, PAGES[kind](LONG), "--blink-settings=preferredColorScheme=1")
    dark = measured(tmp_path, PAGES[kind](LONG), "--blink-settings=preferredColorScheme=0")
    assert light["width"] == dark["width"] == 400, "nothing has to be scrolled sideways"
    assert light["ground"] == "rgb(255, 255, 255)"
    assert dark["ground"] == "rgb(19, 22, 27)"
    assert "false" not in light["images"] + dark["images"]
    if kind == "report":
        assert light["images"] == "true"
        assert (light["dark"], dark["dark"]) == (False, True)


@pytest.mark.parametrize("kind", PAGES)
def test_nothing_hostile_runs_or_loads(kind: str, tmp_path: Path) -> None:
    """Even without its content security policy, which would stop it too."""
    found = measured(tmp_path, PAGES[kind](" ".join(HOSTILE)))
    assert "owned" not in found["title"]
    assert "evil" not in found["loaded"]
    assert not [one for one in found["loaded"].split(",") if one and not one.startswith("data:")]


def test_its_policy_stops_a_script(tmp_path: Path) -> None:
    script = b"<script>document.title = 'owned'</script></body>"
    (tmp_path / "page.html").write_bytes(report(verdict()).replace(b"</body>", script))
    shown = run(tmp_path, "page.html", "--dump-dom")
    assert "<title>Kata report" in shown


def test_it_prints(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(report(verdict()))
    run(tmp_path, "page.html", f"--print-to-pdf={tmp_path / 'page.pdf'}")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


JUPYTER = """<!DOCTYPE html><meta charset="utf-8"><style>
.jp-RenderedHTMLCommon { color: TEXT; }
.jp-RenderedHTMLCommon table { table-layout: fixed; color: TEXT; margin-left: auto; }
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th { text-align: right; max-width: none; }
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: GROUND; }
.jp-RenderedHTMLCommon tbody tr:nth-child(even) { background: GROUND; }
.jp-RenderedHTMLCommon :not(pre) > code { background-color: GROUND; padding: 1px 5px; }
.jp-RenderedHTMLCommon pre, .jp-RenderedHTMLCommon code { color: TEXT; background-color: GROUND; }
</style><body data-jp-theme-light="LIGHT"><div class="jp-RenderedHTMLCommon">CELL</div>
<pre id="said"></pre><script>
const ours = document.querySelector('.kata-verdict'), found = [];
for (const one of ours.querySelectorAll('p, h2, h3, h4, th, td, caption, code, span, li')) {
  if (!one.textContent.trim() || !one.getClientRects().length) continue;
  let behind = one;
  const clear = () => getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)';
  while (clear()) behind = behind.parentElement;
  found.push([getComputedStyle(one).color, getComputedStyle(behind).backgroundColor]);
}
const images = [...ours.querySelectorAll('img')].filter(one => one.getClientRects().length);
document.getElementById('said').textContent = JSON.stringify(
  {found, images: images.map(one => one.className),
   ground: getComputedStyle(ours).backgroundColor});
</script>"""
"""A cell's output as JupyterLab frames it: its own rules for code and tables, in its own theme."""


def hexadecimal(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


@pytest.mark.parametrize("system", few(["light", "dark"], 1))
@pytest.mark.parametrize("theme", few(["dark", "light"], 1))
def test_a_cell_can_be_read_in_the_theme_of_jupyterlab(
    system: str, theme: str, tmp_path: Path
) -> None:
    import json

    text, ground = ("#ffffff", "#111111") if theme == "dark" else ("#111111", "#ffffff")
    page = JUPYTER.replace("TEXT", text).replace("GROUND", ground)
    page = page.replace("LIGHT", str(theme == "light").lower())
    cell = verdict_in_a_cell(Graded(KATA, verdict(), SOURCE))
    (tmp_path / "page.html").write_text(page.replace("CELL", cell), encoding="utf-8")
    scheme = f"--blink-settings=preferredColorScheme={int(system == 'light')}"
    shown = run(tmp_path, "page.html", "--dump-dom", scheme)
    said = json.loads(html.unescape(re.search(r'<pre id="said">(.*?)</pre>', shown)[1]))
    assert said["ground"] == ("rgb(19, 22, 27)" if theme == "dark" else "rgb(255, 255, 255)")
    assert said["images"] == [f"for-{theme}"]
    pairs = {(hexadecimal(one), hexadecimal(behind)) for one, behind in said["found"]}
    assert len(pairs) > 5
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []
