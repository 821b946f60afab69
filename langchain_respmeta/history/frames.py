"""For those who hold a data frame: batches in a row for `mapInArrow`, DuckDB or any reader, and the table's schema for Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta.history.batches import normalize_batch
from langchain_respmeta.table.schema import table_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.types import StructType


def normalize_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    provider: str | None = None,
    include_content: bool = True,
    prices: bool = True,
    by: Sequence[str] = (),
) -> Iterator[pa.RecordBatch]:
    """Call `normalize_batch` on each of them in turn; one is held at a time.

    Args:
        batches: Runs; those of a `pyarrow.RecordBatchReader`, or of Spark's `mapInArrow`.
        provider: See `normalize_batch`; so are the others.
        include_content: Whether texts stand in the table.
        prices: Whether the cost is computed where the provider did not report it.
        by: Keys of the runs' own metadata that the table carries, and `"tags"`.

    Raises:
        ProviderError: Nobody is known by the name of `provider`.
        SettingsError: `by` is no list of names.
        MissingExtraError: pyarrow is not installed.
    """
    for batch in batches:
        yield normalize_batch(batch, provider=provider, include_content=include_content, prices=prices, by=by)


def spark_schema() -> StructType:
    """The schema of `table_schema()` for Spark: what `mapInArrow` asks for beside the function.

    Raises:
        MissingExtraError: pyspark or pyarrow is not installed.
    """
    with needing("A schema for Spark", extra="spark"):
        from pyspark.sql.pandas.types import from_arrow_schema
    return from_arrow_schema(table_schema())
