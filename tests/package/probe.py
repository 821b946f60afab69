"""What must hold of an installed package: `python -I probe.py [extra]`, in an environment that has nothing else."""

from __future__ import annotations

import importlib
import json
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
from shutil import which
from tempfile import TemporaryDirectory

import langchain_respmeta
from langchain_respmeta import MissingExtraError, RespMetaHandler, ResponseMetadata

INSTALLED = {
    None: frozenset[str](),
    "cli": frozenset({"cli"}),
    "local": frozenset({"cli", "local"}),
    "demo": frozenset(
        {"cli", "local", "demo", "openrouter", "otel"}
    ),  # the integrations bring httpx and OpenTelemetry's API, all that they need
    "openrouter": frozenset({"openrouter"}),
    "history": frozenset({"cli", "history", "export"}),
    "ray": frozenset({"cli", "history", "export", "pandas", "ray"}),  # Ray Data and Spark bring pandas
    "spark": frozenset({"cli", "history", "export", "pandas", "spark"}),
    "export": frozenset({"export", "history"}),  # Arrow is all that local files need
    "otel": frozenset({"otel"}),
    "prometheus": frozenset({"prometheus"}),
    "analysis": frozenset({"cli", "history", "export", "analysis"}),
    "pandas": frozenset({"export", "history", "pandas"}),
    "polars": frozenset({"export", "history", "polars"}),
    "pictures": frozenset({"cli", "history", "export", "analysis", "pictures"}),
    "all": frozenset(
        {
            *("cli", "local", "demo", "openrouter", "history"),
            *("export", "otel", "prometheus", "analysis", "pandas", "polars", "pictures"),
        }
    ),
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
        for extra, (use, before) in USES.items():
            missing = _missing(use)
            assert (missing is None) == (extra in there), f"{extra}: {missing!r}"
            if missing is not None:
                assert _tells(missing), repr(missing)
                assert getattr(missing, "extra", None) in {extra, before}, repr(missing)
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


def _use_history(engine: str = "local") -> None:
    from langchain_respmeta.history import normalize_files

    run = {
        "id": "11111111-1111-4111-8111-111111111111",
        "run_type": "llm",
        "end_time": "2026-01-01T00:00:00+00:00",
        "outputs": {"model": "gpt-4o", "object": "chat.completion", "choices": [{"finish_reason": "stop"}]},
    }
    with TemporaryDirectory() as folder:
        (Path(folder) / "runs.jsonl").write_text(json.dumps(run))
        report = normalize_files(f"{folder}/runs.jsonl", f"{folder}/table", engine=engine)
        assert report.records == 1, report.describe()


def _use_spark() -> None:
    from langchain_respmeta.history import spark_schema

    assert "respmeta_cost_usd" in spark_schema().names
    if which("java"):
        _use_history("spark")


def _use_analysis() -> None:
    from langchain_respmeta import charts
    from langchain_respmeta.report import write_report

    assert charts.totals([ResponseMetadata()]).calls == 1
    charts.cost([ResponseMetadata()])
    with TemporaryDirectory() as folder:
        write_report([ResponseMetadata()], f"{folder}/report.html")


def _use_pictures() -> None:
    from langchain_respmeta.report import write_report

    with TemporaryDirectory() as folder:
        write_report([ResponseMetadata()], f"{folder}/report.pdf")


def _records_to_arrow() -> None:
    assert RespMetaHandler().records.to_arrow().num_rows == 0


def _records_to_pandas() -> None:
    assert "respmeta_cost_usd" in RespMetaHandler().records.to_pandas().columns


def _records_to_polars() -> None:
    assert "respmeta_cost_usd" in RespMetaHandler().records.to_polars().columns


def _use_otel() -> None:
    from langchain_respmeta.sinks import otel

    otel()(ResponseMetadata())


def _use_prometheus() -> None:
    from langchain_respmeta.sinks import prometheus

    prometheus()(ResponseMetadata())


USES: dict[str, tuple[Callable[[], None], str | None]] = {
    "local": (_use_local, None),
    "openrouter": (_use_openrouter, None),
    "demo": (_use_demo, "local"),  # it shows its runs in the embedded server
    "history": (_use_history, None),
    "ray": (partial(_use_history, "ray"), "history"),
    "spark": (_use_spark, "history"),
    "export": (_records_to_arrow, None),
    "pandas": (_records_to_pandas, "export"),
    "polars": (_records_to_polars, "export"),
    "otel": (_use_otel, None),
    "prometheus": (_use_prometheus, None),
    "analysis": (_use_analysis, None),
    "pictures": (_use_pictures, "analysis"),
}
"""Extra → a use of what it brings, and the extra that may be missed before it."""


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
