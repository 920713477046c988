"""Packs that extend another: what is taken over, what is replaced, and what goes wrong."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pack_texts import GOOD

from cuecoach.packs.diagnostics import PackError
from cuecoach.packs.parse import check_pack, parse_pack
from cuecoach.packs.toml_writer import write
from cuecoach.types import Side

CHILD = 'id = "child"\nextends = "mine"\nname = "Child"\n'
OTHERS = {"mine": GOOD}


def said(text: str, others: dict[str, str] = OTHERS) -> str:
    return "\n".join(map(str, check_pack(text, "child.toml", others)))


def test_what_is_not_said_is_taken_over() -> None:
    child, parent = parse_pack(CHILD, "child.toml", OTHERS), parse_pack(GOOD, "mine.toml")
    assert (child.id, child.name) == ("child", "Child")
    for name in (
        "focus_order",
        "rules",
        "phrases",
        "praise",
        "ignored_faults",
        "cautions",
        "drills",
        "speeds_mps",
        "summaries",
    ):
        assert getattr(child, name) == getattr(parent, name)


def test_two_limits_and_some_words_are_changed() -> None:
    child = parse_pack(
        CHILD
        + """
[cues.lazy-heel]
short = "snap it"
[faults.lazy-heel.limits]
knee_peak_swing_deg = { below = "norm - 20" }
knee_at_thigh_vertical_deg = { below = "norm - 21" }
""",
        "child.toml",
        OTHERS,
    )
    assert child.cue("lazy-heel", None, first=True).text == "pull under, don't flick"
    assert child.cue("lazy-heel", None, first=False).text == "snap it"
    assert [str(criterion.limit) for criterion in child.rules[0].criteria] == ["norm - 20", "norm - 21"]
    assert child.rules[0].criteria[0].release is None, "a new limit does not keep the old release limit"
    assert child.rules[0].needed == 1, "what stands beside the limits is kept"


def test_to_ignore_more_is_enough_to_stop_a_cue() -> None:
    child = parse_pack(CHILD + '[ignored_faults]\nasymmetric-heel = "Not mine."\n', "child.toml", OTHERS)
    assert child.focus_order == ("lazy-heel",)
    assert set(child.ignored_faults) == {"flick", "asymmetric-heel"}
    assert "asymmetric-heel" not in child.phrases


def test_an_own_order_may_take_up_what_the_parent_ignores() -> None:
    text = 'focus_order = ["flick"]\n[cues.flick]\nlong = "not back"\nshort = "not back"\n'
    child = parse_pack(CHILD + text, "child.toml", OTHERS)
    assert child.focus_order == ("flick",)
    assert child.ignored_faults == {}
    assert set(child.phrases) == {"flick"}


def test_a_fault_both_ordered_and_ignored_by_the_child_is_still_wrong() -> None:
    text = 'focus_order = ["lazy-heel"]\n[ignored_faults]\nlazy-heel = "No."\n'
    assert "child.toml, line 6: ignored_faults.lazy-heel is in focus_order too" in said(CHILD + text)


@pytest.mark.parametrize("key", ["refuses", "ignored_faults"])
@pytest.mark.parametrize(
    "parent", [GOOD, GOOD.replace("[ignored_faults]", "[refuses]").replace("release = ", "exit = ")]
)
def test_parent_and_child_may_be_of_different_versions(parent: str, key: str) -> None:
    child = parse_pack(CHILD + f'[{key}]\nasymmetric-heel = "Not mine."\n', "child.toml", {"mine": parent})
    assert set(child.ignored_faults) == {"flick", "asymmetric-heel"}
    assert child.rules[0] == parse_pack(GOOD, "mine.toml").rules[0]
    assert "refuses" not in child.text


def test_a_grandchild() -> None:
    others = OTHERS | {"child": CHILD + 'praise = ["fine"]\n'}
    pack = parse_pack(
        'id = "g"\nname = "G"\nextends = "child"\n[ignored_faults]\nlow-cadence = "No."\n', "g.toml", others
    )
    assert [cue.text for cue in pack.praise] == ["fine"]
    assert set(pack.ignored_faults) == {"flick", "low-cadence"}


def test_the_text_of_a_child_stands_alone() -> None:
    child = parse_pack(CHILD, "child.toml", OTHERS)
    again = parse_pack(child.text, "journal")
    assert (again.rules, again.phrases, again.drills, again.text) == (
        child.rules,
        child.phrases,
        child.drills,
        child.text,
    )


@pytest.mark.parametrize(
    ("text", "others", "words"),
    [
        (CHILD, {"mien": GOOD}, ["child.toml, line 2: extends = 'mine' is not a pack; did you mean 'mien'"]),
        (CHILD, {"zzz": GOOD}, ["line 2: extends = 'mine' is not a pack; allowed: zzz"]),
        (CHILD, {"mine": 'extends = "b"\n'}, ["extends = 'mine' leads to 'b', which is not a pack; allowed: mine"]),
        (CHILD.replace('"mine"', "3"), OTHERS, ["line 2: extends = 3 is not a pack"]),
        (CHILD.replace('"mine"', '"child"'), {"child": CHILD}, ["in a circle: child -> child"]),
        (CHILD, {"mine": 'id = "mine"\nextends = "child"\n', "child": CHILD}, ["circle: child -> mine -> child"]),
        (
            CHILD,
            {"mine": 'id = "mine"\nextends = "b"\n', "b": 'extends = "mine"\n'},
            ["circle: child -> mine -> b -> mine"],
        ),
        (CHILD, {"mine": "id = \n"}, ["extends = 'mine' is a pack that is not in order", "mine, line 1", "TOML"]),
        (
            CHILD,
            {"mine": GOOD.replace("format = 1", "format = 7")},
            ["child.toml, line 2: extends = 'mine' is a pack that is not in order: mine, line 1: format = 7"],
        ),
        (
            CHILD,
            {"mine": GOOD.replace("[ignored_faults]", "[refuses]").replace('"Not here."', '""')},
            ["refuses.flick"],
        ),
        ('extends = "mine"\n', OTHERS, ["id is missing", "name is missing"]),
    ],
)
def test_a_parent_that_cannot_be_had(text: str, others: dict[str, str], words: list[str]) -> None:
    for word in words:
        assert word in said(text, others)


def test_without_other_packs_none_can_be_extended() -> None:
    with pytest.raises(PackError, match="not a pack"):
        parse_pack(CHILD, "child.toml")


def test_a_translation_must_be_whole() -> None:
    told = said(CHILD + 'language = "de"\n[cues.lazy-heel]\nlong = "drunterziehen"\n')
    for key in (
        "school",
        "for_whom",
        "praise",
        "cautions",
        "cues.lazy-heel.short",
        "cues.asymmetric-heel.long",
        "drills",
    ):
        assert f"{key} is still in the language of 'mine' (en); translate it" in told
    assert "ignored_faults.flick is still" in told
    assert "[sides] must give the words" in told
    for key in ("cues.lazy-heel.long", "sources", "name", "focus_order", "speeds_mps"):
        assert f" {key} is still" not in told


def test_another_english_needs_no_translation() -> None:
    assert said(CHILD + 'language = "en-gb"\n') == ""


_keys = st.text(min_size=1, max_size=6)
_leaves = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False),
)
_tables = st.recursive(
    st.dictionaries(_keys, _leaves, max_size=3),
    lambda inner: st.dictionaries(
        _keys, st.one_of(_leaves, inner, st.lists(_leaves, max_size=3), st.lists(inner, max_size=2)), max_size=4
    ),
    max_leaves=8,
)


@given(_tables)
def test_written_tables_read_back_the_same(tables: dict[str, object]) -> None:
    assert tomllib.loads(write(tables)) == tables


@given(
    added=st.sampled_from(["ignored_faults", "cues", "faults", "programme", "praise", "cautions", "drills", "sides"]),
    value=_tables,
)
def test_any_child_is_checked_and_never_crashes(added: str, value: dict[str, object]) -> None:
    tables = tomllib.loads(CHILD) | {added: value}
    check_pack(write(tables), "child.toml", OTHERS)


@pytest.mark.parametrize("order", ["3", "[{}]", "[[]]", "{}", "[true]"])
def test_an_order_that_is_none_is_told(order: str) -> None:
    assert "child.toml, line 4: focus_order" in said(CHILD + f"focus_order = {order}\n")


def test_words_for_the_leg_follow_the_childs_sides() -> None:
    child = parse_pack(CHILD + '[sides]\nleft = "near"\nright = "far"\n', "child.toml", OTHERS)
    assert child.cue("asymmetric-heel", Side.RIGHT, first=False).text == "far too"
