"""A page in headless Chromium, over its debugging pipe: opened, asked, typed into."""

from __future__ import annotations

import json
import os
import select
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable") if (found := shutil.which(name))), "")
SECONDS = 60
KEYS = {"Escape": 27, "Enter": 13, "Tab": 9}


class Page:
    """A page that is open. `told` holds what it logged, asked the network for, or was forbidden."""

    def __init__(self, out: int, into: int) -> None:
        self._out, self._into, self._number, self._rest, self._session = out, into, 0, b"", ""
        self.told: list[str] = []

    def send(self, method: str, **params: Any) -> Any:
        """Ask the browser, and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params, **({"sessionId": self._session} if self._session else {})}
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._number:
            self._note(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, url: str) -> None:
        """Open a page in a new tab and wait until it is there."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until it is true."""
        end = time.monotonic() + SECONDS
        while not self.ask(expression):
            assert time.monotonic() < end, expression
            time.sleep(0.02)

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = KEYS.get(key, ord(key.upper()) if len(key) == 1 else 0)
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def _note(self, message: dict[str, Any]) -> None:
        match message:
            case {"method": "Log.entryAdded" | "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Page.javascriptDialogOpening"}:
                self.told.append(json.dumps(message["params"]))
            case {"method": "Network.requestWillBeSent", "params": {"request": {"url": str(url)}}} if not url.startswith(("file:", "data:")):
                self.told.append(url)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            assert select.select([self._into], [], [], SECONDS)[0], "the browser does not answer"
            piece = os.read(self._into, 1 << 20)
            assert piece, "the browser is gone"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def opened(path: Path, home: Path, *flags: str) -> Iterator[Page]:
    """A page of a browser of its own, with its profile in `home`."""
    into_browser, out = os.pipe()
    back, from_browser = os.pipe()
    command = [
        CHROMIUM,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--remote-debugging-pipe",
        f"--user-data-dir={home}",
        *flags,
    ]
    line = f"exec {shlex.join(command)} 3<&{into_browser} 4>&{from_browser}"
    browser = subprocess.Popen(["bash", "-c", line], pass_fds=(into_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(into_browser)
    os.close(from_browser)
    try:
        page = Page(out, back)
        page.open(path.as_uri())
        yield page
        page._session = ""
        page.send("Browser.close")
    finally:
        os.close(out)
        os.close(back)
        try:
            browser.wait(10)
        except subprocess.TimeoutExpired:
            browser.kill()
            browser.wait()
