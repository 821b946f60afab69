"""Makes the script of the report's page anew: Vega, Vega-Lite, Vega-Embed and `page.js`, in one file.

python docs/vega_bundle.py           writes langchain_respmeta/report/static/page.min.js
python docs/vega_bundle.py --check   exits with 1 when it is not what these versions and page.js give
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import vl_convert

STATIC: Final = Path(__file__).parent.parent / "langchain_respmeta" / "report" / "static"
BUNDLE: Final = STATIC / "page.min.js"
VEGA_LITE: Final = "6.4"
"""What altair 6 writes."""


def versions() -> str:
    """Return the first line of the bundle: what it is made of."""
    vega, embed = vl_convert.get_vega_version(), vl_convert.get_vega_embed_version()
    return f"/* Vega {vega}, Vega-Lite {VEGA_LITE}, Vega-Embed {embed}; licences: page.min.js.LICENSES */\n"


def bundle() -> str:
    """Return the script."""
    page = (STATIC / "page.js").read_text()
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
    print("page.min.js is out of date; run: python docs/vega_bundle.py")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
