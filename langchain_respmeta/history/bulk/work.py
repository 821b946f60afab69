"""One unit, from its file into the table: what every engine calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.history.bulk.engines import Tick
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone
from langchain_respmeta.history.bulk.lines import read_lines
from langchain_respmeta.history.bulk.output import OutputError, UnitOutput, writing
from langchain_respmeta.history.bulk.parquet import read_parquet
from langchain_respmeta.history.bulk.places import place_of

_PROJECT: Final = ("project_id", "session_id")


def do_unit(unit: Unit, job: Job, tick: Tick | None = None) -> UnitDone:
    """Read a unit in batches, write its rows into the table, and mark it as done.

    It can be called anywhere that the input and the output can be reached from, and again for a unit that is done: the
    same files are written again. It does not raise for what is wrong with a file or the output.

    Args:
        unit: A part of a file.
        job: What all units share.
        tick: Is told how many more rows were read, after each batch.

    Returns:
        Its counts, or why nothing of it was written (`failure`).
    """
    done = UnitDone(unit.id, unit.source, unit.stamp, unit.of)
    try:
        if place_of(unit.source).entry().stamp != unit.stamp:
            return replace(done, failure="changed while this ran: run the same command again")
        return _write(unit, job, done, tick)
    except OutputError as fault:
        return replace(done, failure=str(fault), is_fatal=True)
    except (OSError, ValueError) as fault:  # Arrow's errors are either
        return replace(done, failure=f"cannot be read: {_first_line(fault)}")


def _write(unit: Unit, job: Job, done: UnitDone, tick: Tick | None) -> UnitDone:
    with loading:
        from langchain_respmeta.history.batches import ReadOptions, read_batch
        from langchain_respmeta.table.schema import table_schema
    options = ReadOptions(
        provider=job.provider, include_content=job.include_content, prices=job.prices, by=job.by
    )
    with UnitOutput(unit, job, table_schema()) as output:
        for places, batch in _batches(unit):
            reading = read_batch(batch, options)
            table = reading.table
            with writing(job.output):
                if reading.bad:
                    table = table.filter(table.column("problem").is_null())
                    for bad in reading.bad:
                        output.add_bad(places(bad.row), bad.run_id, bad.problem)
                output.add(table)
            done = replace(
                done,
                rows=done.rows + batch.num_rows,
                runs=done.runs + reading.runs - len(reading.bad),
                records=done.records + table.num_rows,
                other_types=done.other_types + reading.other_types,
                not_ended=done.not_ended + reading.not_ended,
                bad=done.bad + len(reading.bad),
            )
            if tick is not None:
                tick(batch.num_rows)
        with writing(job.output):
            return output.finish(done)


def _batches(unit: Unit) -> Iterator[tuple[Any, Any]]:
    """Each batch, with what tells the position in the file of a row of it."""
    if unit.format == "parquet":
        from langchain_respmeta.history.rows import COLUMNS

        for first, batch in read_parquet(unit, frozenset(COLUMNS)):
            yield lambda row, first=first: {"row": first + row}, _with_constants(batch, unit)
    else:
        for starts, batch in read_lines(unit):
            yield lambda row, starts=starts: {"byte": starts[row]}, batch


def _with_constants(batch: Any, unit: Unit) -> Any:
    """With the project that the folders name, where no column does."""
    import pyarrow as pa

    names = batch.schema.names
    if not set(names).isdisjoint((*_PROJECT, "run")):
        return batch
    for name, value in unit.constants.items():
        batch = batch.append_column(name, pa.repeat(value, batch.num_rows))
    return batch


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0]
