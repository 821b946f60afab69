"""What must hold of an installed package: `python -I probe.py [extra]`, in an environment that has nothing else."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import langchain_respmeta
from langchain_respmeta import MissingExtraError, RespMetaHandler

INSTALLED = {
    None: frozenset[str](),
    "cli": frozenset({"cli"}),
    "local": frozenset({"cli", "local"}),
    "demo": frozenset(
        {"cli", "local", "demo", "openrouter"}
    ),  # the integrations bring httpx, all that it needs
    "openrouter": frozenset({"openrouter"}),
    "all": frozenset({"cli", "local", "demo", "openrouter"}),
}
"""Extra → the extras whose packages are there."""


def check_names() -> str:
    """Every public name is there, and the version is the distribution's."""
    for name in langchain_respmeta.__all__:
        getattr(langchain_respmeta, name)
    assert langchain_respmeta.__version__ == version("langchain-respmeta")
    return f"{len(langchain_respmeta.__all__)} names"


def check_modules() -> str:
    """Import every module; an error must name the extra that it needs."""
    count = 0
    for module in pkgutil.walk_packages(langchain_respmeta.__path__, "langchain_respmeta.", onerror=_ignore):
        if not module.name.endswith("__main__"):
            missing = _missing(partial(importlib.import_module, module.name))
            assert missing is None or _tells(missing), repr(missing)
            count += missing is None
    return f"{count} modules"


def _missing(use: Callable[[], object]) -> ImportError | None:
    """What keeps something from being used, where that is a package that is not there."""
    try:
        use()
    except ImportError as error:
        return error
    return None


def _tells(missing: ImportError) -> bool:
    """Whether it names the extra, or is of a private module below a public one that does."""
    if isinstance(missing, MissingExtraError):
        return f"pip install 'langchain-respmeta[{missing.extra}]'" in str(missing)
    package = (missing.name or "langchain_respmeta").partition(".")[0]
    return package != "langchain_respmeta" and find_spec(package) is None


def _ignore(_name: str) -> None:
    """walk_packages imports packages to look into them; whether they import is asked above."""


def check_quickstart() -> str:
    """README's three lines, with a model that needs no key."""
    from langchain_core.language_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage

    answer = AIMessage(
        "Paris.",
        response_metadata={
            "model_name": "gpt-4o-2024-08-06",
            "finish_reason": "stop",
            "model_provider": "openai",
        },
        usage_metadata={"input_tokens": 9, "output_tokens": 2, "total_tokens": 11},
    )
    handler = RespMetaHandler()
    GenericFakeChatModel(messages=iter([answer])).invoke("The capital of France?", {"callbacks": [handler]})
    record = handler.records[-1]
    assert (record.finish_reason, record.model) == ("stop", "gpt-4o-2024-08-06"), record
    assert record.usage is not None, record
    assert record.usage.total_tokens == 11, record
    assert record.cost is not None, record
    assert record.cost.total is not None, record
    assert "stop" in record.describe()
    return "quickstart"


def check_command(there: frozenset[str]) -> str:
    """`respmeta --version` prints the version; without the extra it names what to install."""
    done = _respmeta("--version")
    if "cli" in there:
        assert (done.returncode, done.stdout.strip()) == (0, langchain_respmeta.__version__), done
    else:
        assert done.returncode == 2, done
        assert "pip install 'langchain-respmeta[cli]'" in done.stderr, done
        assert len(done.stderr.splitlines()) == 1, done
    if "cli" in there and "local" not in there:
        done = _respmeta("serve")
        assert "langchain-respmeta[local]" in done.stderr + done.stdout, done
        assert done.returncode not in {0, None}, done
        assert "Traceback" not in done.stderr, done
    if "cli" in there and "demo" not in there:
        done = _respmeta("demo", "--once")
        assert "langchain-respmeta[" in done.stderr + done.stdout, done
        assert done.returncode, done
        assert "Traceback" not in done.stderr, done
    return "respmeta --version"


def check_extras(there: frozenset[str]) -> str:
    """What is installed works; the rest raises an error that names the extra."""
    with TemporaryDirectory() as state:
        os.environ["RESPMETA_STATE_DIR"] = state
        if "openrouter" not in there:
            sys.modules["httpx"] = None  # type: ignore[assignment] # langchain-core brings it today, and may not tomorrow
        for extra, use in (("local", _use_local), ("openrouter", _use_openrouter), ("demo", _use_demo)):
            missing = _missing(use)
            assert (missing is None) == (extra in there), f"{extra}: {missing!r}"
            if missing is not None:
                assert _tells(missing), repr(missing)
                # The demo shows its runs in the embedded server, so that may be what it misses first.
                assert getattr(missing, "extra", None) in {extra, "local" if extra == "demo" else extra}, (
                    repr(missing)
                )
    return f"extras: {', '.join(sorted(there)) or 'none'}"


def _use_local() -> None:
    from urllib.request import urlopen

    from langchain_respmeta.local import LocalServer

    with LocalServer(port=0) as server, urlopen(server.url, timeout=60) as page:  # noqa: S310 - our own address
        assert page.status == 200


def _use_openrouter() -> None:
    from langchain_respmeta import OpenRouterEnricher

    OpenRouterEnricher(api_key="none-needed-to-make-one")


def _use_demo() -> None:
    from langchain_respmeta.demo import run_demo

    with redirect_stdout(StringIO()):  # some fifty lines of tables
        assert run_demo(once=True) == 0


def _respmeta(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = Path(sysconfig.get_path("scripts")) / "respmeta"
    return subprocess.run([command, *arguments], capture_output=True, text=True, check=False, timeout=300)


def main() -> None:
    """Check everything; the first thing that does not hold ends it."""
    there = INSTALLED[sys.argv[1] if len(sys.argv) > 1 else None]
    said = [check_names(), check_modules(), check_quickstart(), check_command(there), check_extras(there)]
    print("; ".join(said))


if __name__ == "__main__":
    main()
