"""The line of a key in a pack file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuecoach.packs.toml_lines import Path, find_item, find_line

TEXT = '''id = "x"
why = """
id = "not this"
[cues.flick]
"""

[cues.flick]
  long = "a b"   # comment
"short" = "a"
[ faults . flick . limits ]
thigh = { below = 1, release = 2 }
[[drills]]
name = "one"
[[drills]]
name = "two"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("id",), 1),
        (("why",), 2),
        (("cues",), None),
        (("cues", "flick"), 7),
        (("cues", "flick", "long"), 8),
        (("cues", "flick", "short"), 9),
        (("cues", "flick", "focus"), 7),
        (("faults", "flick", "limits", "thigh", "release"), 11),
        (("drills", 0, "name"), 13),
        (("drills", 1, "name"), 15),
        (("drills", 1, "dose"), 14),
        (("nothing",), None),
    ],
)
def test_finds_the_key_or_its_parent(path: Path, line: int | None) -> None:
    assert find_line(TEXT, path) == line


def test_finds_an_item_of_a_list_on_its_own_line() -> None:
    text = 'a = [\n  "x",\n  \'y\', # "z"\n]\nb = ["w", "y"]\n'
    assert [find_item(text, ("a",), item) for item in ("x", "y", "w")] == [2, 3, 1]
    assert find_item(text, ("b",), "y") == 5
    assert find_item(text, ("c",), "y") is None


@given(st.text(), st.lists(st.one_of(st.text(), st.integers(0, 3))))
def test_never_fails(text: str, path: list[str | int]) -> None:
    find_line(text, tuple(path))
