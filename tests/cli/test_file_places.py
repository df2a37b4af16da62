"""Where files are written and looked for, said in full; a journal that is lost is no new one."""

from pathlib import Path

import pytest

from tests.cli.test_backup import CONFIG, Shop, restored


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_in_the_folder_for_files_a_backup_is_found_where_it_was_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.begin()
    folder, elsewhere = shop.folder / "files", shop.folder / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    shop.config.write_text(f'export_folder = "{folder}"\n{CONFIG.format(shop.path)}')
    ended = shop.run("backup", "bk1")
    assert (ended.code, ended.lines[0]["file"]) == (0, str(folder / "bk1"))
    assert ended.err == f"Written: {folder / 'bk1'}\n"
    shop.lose()
    assert restored(shop, Path("bk1"))["added"] == 1
    assert restored(shop, folder / "bk1")["added"] == 0


def test_a_relative_name_is_told_in_full(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.begin()
    monkeypatch.chdir(shop.folder)
    ended = shop.run("backup", "bk1")
    assert ended.err == f"Written: {shop.folder / 'bk1'}\n"
    assert restored(shop, Path("bk1"))["added"] == 0


def test_a_monitor_hears_that_the_journal_is_lost(shop: Shop) -> None:
    shop.begin()
    assert shop.run("status").code == 5
    shop.lose()
    ended = shop.run("status")
    assert (ended.code, ended.out) == (8, "")
    assert f"no journal at {shop.path}; if refunds were made here before, restore it" in ended.err
    assert not shop.path.exists()
