"""A real browser, driven by its own protocol over a pipe: keys that are pressed, what is shown."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--remote-debugging-pipe", "--hide-scrollbars"),
)


class Browser:
    """One page in Chromium, in a profile of its own."""

    def __init__(self, profile: Path, *, width: int = 1400, height: int = 900) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={profile}"]
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", *command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._in = os.fdopen(ours_in, "rb")
        self._out = os.fdopen(ours_out, "wb")
        self._number = 0
        self._session = ""
        self._read = b""
        self._seen: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._ask("Page.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", **size)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._in.close()
        self._out.close()

    def open(self, url: str) -> None:
        """Go to a page, and wait until it is loaded."""
        self._ask("Page.navigate", url=url)
        self._wait("Page.loadEventFired")

    def press(self, keys: str, *, leaves: bool = False) -> None:
        """Press keys one after the other; `leaves` waits until another page is loaded."""
        for key in keys:
            self._ask("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
            self._ask("Input.dispatchKeyEvent", type="keyUp", key=key)
        if leaves:
            self._wait("Page.loadEventFired")

    def escape(self) -> None:
        """Press Escape."""
        self._ask("Input.dispatchKeyEvent", type="keyDown", key="Escape")
        self._ask("Input.dispatchKeyEvent", type="keyUp", key="Escape")

    def value(self, expression: str) -> Any:
        """What an expression is on the page."""
        found = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        found = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        self._out.write(json.dumps(asked).encode() + b"\0")
        self._out.flush()
        while True:
            said = self._next()
            if said.get("id") == self._number:
                assert "error" not in said, said
                return said["result"]
            self._seen.append(said.get("method", ""))

    def _wait(self, event: str) -> None:
        while event not in self._seen:
            self._seen.append(self._next().get("method", ""))
        self._seen.clear()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            piece = os.read(self._in.fileno(), 1 << 20)
            assert piece, "the browser has gone"
            self._read += piece
        said, _, self._read = self._read.partition(b"\0")
        return json.loads(said)
