"""What a person calls a file is the same file everywhere, and lies where it may."""

from pathlib import Path

import pytest

from posrefund.errors import Misused
from posrefund.report.file_names import named_file

ODD = [
    *("CON", "con", "NUL", "nul.csv", "Aux.tar.gz", "PRN .txt", "COM1", "com9.csv", "LPT0"),
    *("COM\u00b9", "CONIN$", "conout$.txt", "a.csv:ads", "a.csv::$DATA", "day.", "day.csv "),
    *("day. ", "...", "a?b", "a*b", "a<b", "a|b", 'a"b', "a\\b", "day\n.csv", "day\x00.csv"),
    *("\x1b[31mday.csv", "x" * 5000, "\u202eday.csv", "", ".", "..", "folder/..", "day.csv/"),
    *("fol\nder/day.csv", "folder/NUL"),
]
PLAIN = [
    *("day.csv", "Tag 1 - Kasse.csv", "\u00e9t\u00e9.csv", "console", "null", "com", "com10.csv"),
    *(".hidden", "a/b.csv", "/a/b:c/day.csv", "../day.csv", "x" * 200),
]


@pytest.mark.parametrize("name", ODD, ids=lambda name: ascii(name)[:24])
@pytest.mark.parametrize("folder", [None, "here"])
def test_a_name_that_is_lost_or_another_one_somewhere_is_refused(
    tmp_path: Path, name: str, folder: str | None
) -> None:
    with pytest.raises(Misused, match="use another name"):
        named_file(name, folder=None if folder is None else tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", PLAIN, ids=lambda name: ascii(name)[:24])
def test_every_other_name_is_taken_as_it_is(name: str) -> None:
    assert named_file(name) == Path(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a folder in it, and ways out of it."""
    folder = tmp_path / "export"
    (folder / "2026").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (folder / "out").symlink_to(tmp_path / "elsewhere")
    (folder / "in").symlink_to(folder / "2026")
    (folder / "ring").symlink_to(folder / "ring")
    (tmp_path / "way").symlink_to(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("day.csv", "day.csv"),
        ("2026/day.csv", "2026/day.csv"),
        ("./day.csv", "day.csv"),
        ("in/day.csv", "2026/day.csv"),
        ("{folder}/day.csv", "day.csv"),
        ("{folder}/../way/day.csv", None),
        ("{folder}/../export/day.csv", None),
        ("../day.csv", None),
        ("2026/../../day.csv", None),
        ("2026/../day.csv", None),
        ("{elsewhere}/day.csv", None),
        ("/dev/null", None),
        ("/export", None),
        ("out/day.csv", None),
        ("ring/day.csv", None),
    ],
)
def test_a_file_lies_in_the_folder_or_is_refused(
    folder: Path, name: str, found: str | None
) -> None:
    text = name.format(folder=folder, elsewhere=folder.parent / "elsewhere")
    if found is None:
        with pytest.raises(Misused, match=f"only be made in {folder}"):
            named_file(text, folder=folder)
    else:
        assert named_file(text, folder=folder) == folder / found


def test_the_folder_itself_may_be_reached_by_a_link(folder: Path) -> None:
    way = folder.parent / "way"
    assert named_file("day.csv", folder=way) == folder / "day.csv"
    assert named_file(f"{way}/day.csv", folder=way) == folder / "day.csv"
