"""Which Java is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache

NEEDED = 17


@cache
def reason_to_skip() -> str | None:
    """Why Spark cannot run here; None where it can."""
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java")
    if java is None or not os.access(java, os.X_OK):
        return "Spark needs Java, and there is none: apt-get install default-jre-headless"
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < NEEDED:
        return (
            f"Spark needs Java {NEEDED} or newer, and here is: {told.splitlines()[0] if told else 'unknown'}"
        )
    return None
