"""Makes the script of pages with charts anew: Vega, Vega-Lite, Vega-Embed and `charts.js`, in one file.

python docs/vega_bundle.py           writes langchain_respmeta/charts/static/charts.min.js
python docs/vega_bundle.py --check   exits with 1 when it is not what these versions and charts.js give
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import vl_convert

STATIC: Final = Path(__file__).parent.parent / "langchain_respmeta" / "charts" / "static"
BUNDLE: Final = STATIC / "charts.min.js"
VEGA_LITE: Final = "6.4"
"""What altair 6 writes."""


def versions() -> str:
    """Return the first line of the bundle: what it is made of."""
    vega, embed = vl_convert.get_vega_version(), vl_convert.get_vega_embed_version()
    return f"/* Vega {vega}, Vega-Lite {VEGA_LITE}, Vega-Embed {embed}; licences: charts.min.js.LICENSES */\n"


def bundle() -> str:
    """Return the script."""
    page = (STATIC / "charts.js").read_text()
    return f"{versions()}{vl_convert.javascript_bundle(page, vl_version=VEGA_LITE).strip()}\n"


def main(arguments: list[str]) -> int:
    """Write the bundle, or compare it."""
    made = bundle()
    if "--check" not in arguments:
        BUNDLE.write_text(made)
        print(f"{BUNDLE.name}: {len(made):,} characters")
        return 0
    if BUNDLE.read_text() == made:
        return 0
    print("charts.min.js is out of date; run: python docs/vega_bundle.py")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
