"""The queue itself: bounds, order, ownership, damage, privacy."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.outbox_row import Stored
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.state_dir import OUTBOX_FILE, outbox_path, state_dir
from langchain_respmeta.errors import SettingsError
from tests.delivery.feedback_cases import API_KEY, item, items

URL = "https://ls.example"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / OUTBOX_FILE


def put(box: Outbox, numbers: range, **changes: object) -> Stored:
    return box.put([(each, 0) for each in items(numbers, URL, **changes)])


def claimed(box: Outbox, limit: int = 100) -> list[str]:
    return [row.item.id for row in box.claim([URL], limit)]


def ids(numbers: range) -> list[str]:
    return [item(number, URL).id for number in numbers]


def test_file_and_directory_belong_to_the_user_alone(path: Path) -> None:
    box = Outbox(path)
    put(box, range(3))
    modes = {name: stat.S_IMODE(name.stat().st_mode) for name in path.parent.iterdir()}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path in modes
    assert set(modes.values()) == {0o600}


def test_a_directory_that_was_there_keeps_its_mode_and_a_wide_file_is_narrowed(path: Path) -> None:
    path.parent.mkdir(mode=0o755)
    path.touch(mode=0o644)
    Outbox(path).close()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o755
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_planted_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        Outbox(path)
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_accepted_is_there_after_opening_again_byte_for_byte(path: Path) -> None:
    given = item(1, URL, comment="ä\n😀", value={"a": [1, None]}, score=0.1234, address={"id": "a"})
    first = Outbox(path)
    first.put([(given, 3)])
    first.close()
    assert [row.item for row in Outbox(path).claim([URL], 10)] == [given]


def test_what_json_cannot_hold_becomes_text_and_costs_its_neighbours_nothing(path: Path) -> None:
    odd = [
        item(1, URL, comment="half \ud83d"),
        item(2, URL, value=2**70),
        item(3, URL, value={"a": [2**70]}),
        item(4, URL, config={"categories": {1, 2}}),  # type: ignore[arg-type]
    ]
    box = Outbox(path)
    assert box.put([(each, 0) for each in [item(0, URL), *odd, item(5, URL)]]) == Stored(6, 0, 0, 0)
    said = [(row.item.comment, row.item.value) for row in box.claim([URL], 10)]
    assert said[1:4] == [("half \ufffd", None), (None, str(2**70)), (None, {"a": [str(2**70)]})]


def test_a_project_and_a_key_that_look_like_secrets_stay_what_they_are(path: Path) -> None:
    given = item(1, URL, project="hf_model_evaluation", key="gsk_answer_quality", value="hf_abcdefghijklmnop")
    box = Outbox(path)
    box.put([(given, 0)])
    (row,) = box.claim([URL], 10)
    assert (row.item.project, row.item.key) == (given.project, given.key)
    assert row.item.value == "[secret removed]"


def test_a_row_fails_once_and_not_after_it_was_purged(path: Path) -> None:
    box = Outbox(path)
    put(box, range(2))
    one, two = box.claim([URL], 2)
    assert [box.keep_failed(one, "HTTP 422"), box.keep_failed(one, "HTTP 422")] == [True, False]
    box.put_off(one, 0.0)
    assert [group[1] for group in box.groups()] == ["failed", "waiting"]
    box.purge()
    assert not box.keep_failed(two, "HTTP 422")


def test_the_same_id_is_accepted_once_for_each_server(path: Path) -> None:
    box = Outbox(path)
    assert put(box, range(5)).new == 5
    assert put(box, range(3, 8)).new == 3
    assert box.put([(item(0, "https://other.example"), 0)]).new == 1
    assert claimed(box) == ids(range(8))


def test_the_exceptional_goes_out_first_then_the_oldest(path: Path) -> None:
    box = Outbox(path)
    put(box, range(3), routine=True)
    put(box, range(3, 6))
    assert claimed(box, 4) == [*ids(range(3, 6)), *ids(range(1))]


def test_full_in_rows_drops_the_oldest_routine_items_then_the_oldest(path: Path) -> None:
    box = Outbox(path, DeliverySettings(max_rows=10))
    put(box, range(2))
    put(box, range(2, 6), routine=True)
    assert put(box, range(6, 12)) == Stored(new=6, evicted_own=2, evicted_other=0, refused=0)
    assert sorted(claimed(box)) == sorted(ids(range(2)) + ids(range(4, 12)))
    assert put(box, range(12, 16)).evicted_own == 4
    assert box.tallies() == {
        "rows": 10,
        "bytes": box.tallies()["bytes"],
        "sent": 0,
        "dropped_full": 6,
        "dropped_old": 0,
    }
    left = {row["id"] for row in box.export()}
    assert left == set(ids(range(6, 16)))


def test_full_in_bytes_makes_room_and_the_total_is_the_sum_of_what_is_there(path: Path) -> None:
    box = Outbox(path, DeliverySettings(max_bytes=20_000))
    for number in range(30):
        put(box, range(number, number + 1), comment="x" * 900)
    total = box.tallies()
    assert 10 < total["rows"] < 20
    assert total["bytes"] <= 20_000
    assert total["rows"] + total["dropped_full"] == 30
    assert {row["id"] for row in box.export()} == set(ids(range(30 - total["rows"], 30)))


def test_an_item_too_large_is_refused_and_counted(path: Path) -> None:
    box = Outbox(path, DeliverySettings(max_item_bytes=2_000))
    assert put(box, range(1), comment="x" * 3_000) == Stored(0, 0, 0, refused=1)
    assert box.tallies()["rows"] == 0


def test_what_is_too_old_is_dropped_and_counted(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    box = Outbox(path, DeliverySettings(max_age_s=100), clock=clock)
    put(box, range(3))
    clock.now += 60
    put(box, range(3, 5))
    clock.now += 60
    assert box.beat() == 3
    assert (box.tallies()["rows"], box.tallies()["dropped_old"]) == (2, 3)
    assert "3 items were dropped" in caplog.text


def test_a_lease_keeps_others_away_until_it_ends(path: Path) -> None:
    clock = Clock()
    box = Outbox(path, DeliverySettings(lease_s=30), clock=clock)
    put(box, range(4))
    assert claimed(box, 2) == ids(range(2))
    assert claimed(box, 9) == ids(range(2, 4))
    assert claimed(box) == []
    clock.now += 31
    assert claimed(box) == ids(range(4))


def test_rows_of_a_living_process_are_left_to_it_and_taken_over_when_it_is_silent(path: Path) -> None:
    clock = Clock()
    settings = DeliverySettings(owner_ttl_s=60)
    first, second = (Outbox(path, settings, clock=clock) for _ in range(2))
    put(first, range(3))
    second.beat()
    assert claimed(second) == []
    clock.now += 61
    second.beat()
    rows = second.claim([URL], 10)
    assert [(row.item.id, row.adopted, row.client) for row in rows] == [
        (each, True, None) for each in ids(range(3))
    ]
    first.beat()
    assert claimed(first) == []


def test_rows_of_a_process_that_closed_are_free_at_once(path: Path) -> None:
    first, second = Outbox(path), Outbox(path)
    put(first, range(3))
    claimed(first, 2)
    first.close()
    assert claimed(second) == ids(range(3))


def test_a_clock_that_is_set_back_strands_nothing(path: Path) -> None:
    clock = Clock()
    box = Outbox(path, clock=clock)
    put(box, range(2))
    row = box.claim([URL], 1)[0]
    box.put_off(row, 60)
    clock.now -= 5 * 86_400
    assert sorted(claimed(box)) == sorted(ids(range(2)))


def test_rows_that_failed_before_come_last_and_not_at_all_when_only_untried_ones_are_wanted(
    path: Path,
) -> None:
    box = Outbox(path, clock=Clock())
    put(box, range(3))
    box.put_off(box.claim([URL], 1)[0], 0.0, "HTTP 500")
    failed, *untried = ids(range(3))
    assert [row.item.id for row in box.claim([URL], 1, untried=True)] == untried[:1]
    assert claimed(box) == [*untried[1:], failed]


@pytest.mark.parametrize("change", ["json_insert(body, '$.newer', 1)", "json_remove(body, '$.score')", "'{'"])
def test_a_row_of_another_version_is_set_aside_and_holds_up_no_other(path: Path, change: str) -> None:
    box = Outbox(path)
    put(box, range(3))
    box._db.write(lambda db: db.execute(f"UPDATE feedback SET body = {change} WHERE seq < 3"))  # noqa: S608
    assert [claimed(box, 2), claimed(box, 2)] == [[], ids(range(2, 3))]
    assert "another version" in box.errors()[0][1]
    box.retry_failed()
    assert claimed(box) == []


def test_failed_rows_wait_again_but_for_those_of_one_error(path: Path) -> None:
    box = Outbox(path)
    put(box, range(3))
    for row, error in zip(box.claim([URL], 3), ("HTTP 404", "HTTP 403: no", "HTTP 404: gone"), strict=True):
        box.keep_failed(row, error)
    assert box.retry_failed(but="HTTP 404%") == 1
    assert (box.count("waiting"), box.count("failed")) == (1, 2)
    assert box.retry_failed() == 2
    assert claimed(box) == ids(range(3))


def test_only_servers_within_reach_are_claimed_for(path: Path) -> None:
    box = Outbox(path)
    put(box, range(2))
    assert box.claim([], 10) == []
    assert box.claim(["https://other.example"], 10) == []
    assert box.waiting_urls() == [URL]


@pytest.mark.parametrize("damage", ["garbage", "middle"])
def test_a_damaged_file_is_moved_aside_with_one_warning_and_work_goes_on(
    path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = Outbox(path)
    put(first, range(300))
    first.close()
    data = bytearray(path.read_bytes())
    cut = 0 if damage == "garbage" else 4096
    data[cut:] = b"\xa5" * (len(data) - cut)
    path.write_bytes(data)
    box = Outbox(path)
    assert put(box, range(5)).new == 5
    assert claimed(box) == ids(range(5))
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == 1
    assert "damaged" in warnings[0]
    aside = [name for name in path.parent.iterdir() if ".damaged-" in name.name]
    assert bytes(data) in [name.read_bytes() for name in aside]
    assert {stat.S_IMODE(name.stat().st_mode) for name in path.parent.iterdir()} == {0o600}


def test_a_file_that_somebody_deleted_is_begun_anew(path: Path) -> None:
    box = Outbox(path)
    put(box, range(2))
    for name in path.parent.iterdir():
        name.unlink()
    box.beat()
    put(box, range(2, 4))
    assert claimed(Outbox(path)) == []
    assert claimed(box) == ids(range(2, 4))


def test_in_memory_it_works_the_same_and_says_that_it_will_not_last() -> None:
    box = Outbox(None, DeliverySettings(max_rows=2))
    assert put(box, range(3)).evicted_own == 1
    assert not box.durable
    assert claimed(box) == ids(range(1, 3))


def test_purged_and_delivered_texts_are_gone_from_the_disk(path: Path) -> None:
    box = Outbox(path)
    put(box, range(3), comment="a text that must not stay")
    box.remove(box.claim([URL], 1)[0])
    assert box.purge() == 2
    everything = b"".join(name.read_bytes() for name in path.parent.iterdir())
    assert b"must not stay" not in everything
    assert API_KEY.encode() not in everything


def test_where_it_lies_follows_the_platform_and_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", "/home/u")
    monkeypatch.delenv("RESPMETA_STATE_DIR")  # the suite's own
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    for platform, expected in (
        ("linux", "/home/u/.local/state/langchain_respmeta"),
        ("darwin", "/home/u/Library/Application Support/langchain_respmeta"),
    ):
        monkeypatch.setattr(sys, "platform", platform)
        assert state_dir() == Path(expected)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", "/var/s")
    assert state_dir() == Path("/var/s/langchain_respmeta")
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))
    assert outbox_path() == tmp_path / OUTBOX_FILE


def test_settings_come_from_the_environment_and_a_wrong_one_is_named() -> None:
    settings = DeliverySettings.from_environment(
        {
            "RESPMETA_OUTBOX_MAX_ROWS": "7",
            "RESPMETA_OUTBOX_MAX_AGE_DAYS": "0.5",
            "RESPMETA_DRAIN_SECONDS": "0",
        }
    )
    assert (settings.max_rows, settings.max_age_s, settings.drain_s) == (7, 43_200.0, 0.0)
    for wrong in ("many", "-1", ""):
        with pytest.raises(SettingsError, match="RESPMETA_OUTBOX_MAX_ROWS"):
            DeliverySettings.from_environment({"RESPMETA_OUTBOX_MAX_ROWS": wrong})
