"""Finds a Chromium for the page's tests, or installs one: `make test` calls this first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    """Path of a Chromium that is already there: the system's, or one that Playwright keeps."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None  # noqa: PTH110


def _install() -> None:
    """By Playwright's own download; where that is not allowed, by the system's packages."""
    attempts = [[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts[:0] = [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
    for command in attempts:
        print("no Chromium found, trying:", " ".join(command), flush=True)
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        if found():
            return


def main() -> int:
    if not found():
        _install()
    if path := found():
        print("browser for the page's tests:", path)
        return 0
    print(
        "No Chromium could be installed. Install one (package `chromium`), then run `make test` again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
