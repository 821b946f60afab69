"""Each name of the record has one table, and the tables name what is there."""

from dataclasses import fields

from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.measures import Usage
from langchain_respmeta.record.usage_names import USAGE_NAMES
from langchain_respmeta.record.vocabulary import FINISH_REASONS, FINISHES


def test_usage_names_are_fields_of_the_record_and_no_name_is_given_twice() -> None:
    assert USAGE_NAMES.keys() <= {item.name for item in fields(Usage)}
    details = [(name.side, name.detail) for name in USAGE_NAMES.values() if name.side]
    attributes = [attribute for name in USAGE_NAMES.values() for attribute in name.otel]
    assert len({*details, *attributes, *FLAT.values()}) == len(details) + len(attributes) + len(FLAT)


def test_each_finish_reason_has_its_row_with_a_severity_and_a_number_of_its_own() -> None:
    assert set(FINISHES) == set(FINISH_REASONS)
    for column in ("severity", "number"):
        assert sorted(getattr(row, column) for row in FINISHES.values()) == list(range(len(FINISHES)))
