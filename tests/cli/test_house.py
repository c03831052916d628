"""Opening the installation: data folder, secret key, embedded database, migrations."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import pytest

from packhouse.cli.house import KEY_FILE, secret_key
from tests.cli.processes import packhouse


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = secret_key(tmp_path)

    assert len(first) >= 50
    assert secret_key(tmp_path) == first
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_processes_that_are_first_together_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key(tmp_path), range(40)))

    assert len(keys) == 1


def test_an_empty_key_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("")

    with pytest.raises(click.ClickException, match="Restore it from a backup"):
        secret_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_text() == ""


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    answer = packhouse("token", "ada", "--data", str(tmp_path / "file" / "below"))

    assert answer.returncode == 1
    assert f"The data folder {tmp_path / 'file' / 'below'} cannot be made" in answer.stderr


def test_a_database_that_does_not_answer_is_an_error_in_words(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"

    answer = packhouse("token", "ada", "--data", str(tmp_path), environment={"DATABASE_URL": url})

    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: The database does not do its part:")
    assert "Traceback" not in answer.stderr


def test_without_a_database_url_one_is_started_in_the_data_folder_and_stopped_at_the_end(
    folder: Path,
) -> None:
    answer = packhouse(
        "token", "ada", "--role", "admin", "--data", str(folder), environment={"DATABASE_URL": ""}
    )

    assert answer.returncode == 1
    assert "The database lacks" in answer.stderr
    assert "Run `packhouse setup migrate`" in answer.stderr
    assert not list((folder / "postgres").rglob("postmaster.pid"))
    assert (folder / "postgres" / "cluster").exists() or (folder / "postgres" / "moved-to").exists()
