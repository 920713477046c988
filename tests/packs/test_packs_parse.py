"""Pack files: what is wrong is named with file, line, key, value and what is allowed; a good one reads well."""

from __future__ import annotations

import tomllib
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pack_texts import GOOD

from cuecoach.errors import InputError
from cuecoach.packs.description import describe
from cuecoach.packs.diagnostics import PackError
from cuecoach.packs.parse import check_pack, parse_pack
from cuecoach.types import AttentionFocus, Side


def broken(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    problems = check_pack(GOOD.replace(old, new), "mine.toml")
    return "\n".join(str(problem) for problem in problems)


def test_a_good_pack_is_what_it_says() -> None:
    pack = parse_pack(GOOD, "mine.toml")
    assert check_pack(GOOD, "mine.toml") == ()
    assert (pack.id, pack.speeds_mps, pack.focus_order) == ("mine", (2.5, 5.0), ("lazy-heel", "asymmetric-heel"))
    assert pack.ignored_faults == {"flick": "Not here."}
    assert [rule.id for rule in pack.rules] == ["lazy-heel", "asymmetric-heel", "flick"]
    assert pack.rules[0].needed == 1
    assert str(pack.rules[0].criteria[0].limit) == "norm - 12"
    assert str(pack.rules[0].criteria[1].limit) == "norm - 15"
    assert pack.text == GOOD


def test_words_first_long_then_short_and_with_the_leg_where_it_matters() -> None:
    pack = parse_pack(GOOD, "mine.toml")
    assert pack.cue("lazy-heel", Side.LEFT, first=True).text == "pull under, don't flick"
    assert pack.cue("lazy-heel", None, first=False).text == "pull under"
    assert pack.cue("asymmetric-heel", Side.RIGHT, first=False).text == "right too"
    assert pack.cue("asymmetric-heel", Side.LEFT, first=True).focus is AttentionFocus.INTERNAL
    assert pack.cue("lazy-heel", Side.LEFT, first=True).focus is AttentionFocus.EXTERNAL
    ids = [cue.id for cue in pack.cues()]
    assert len(ids) == len(set(ids)) == 8


def test_another_language_has_its_own_sides() -> None:
    german = GOOD.replace('"en"', '"de"').replace(
        "[ignored_faults]", '[sides]\nleft = "links"\nright = "rechts"\n[ignored_faults]'
    )
    assert parse_pack(german, "mine.toml").cue("asymmetric-heel", Side.LEFT, first=False).text == "links too"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "Mine"', 'nmae = "Mine"', ["line 3: nmae is not a key", "did you mean 'name'", "name is missing"]),
        ("format = 1", "format = 2", ["line 1: format = 2", "allowed is 1"]),
        ('id = "mine"', 'id = "My Pack"', ["line 2: id = 'My Pack'", "small letters"]),
        ('language = "en"', "language = 7", ["line 4: language = 7", "language tag"]),
        ("[2.5, 5]", "[5, 2.5]", ["line 7: speeds_mps = [5, 2.5]", "1 to 12 m/s"]),
        ("[2.5, 5]", '"fast"', ["line 7: speeds_mps = 'fast'"]),
        ('["lazy-heel", ', '["lazy-hel", ', ["line 8: focus_order", "'lazy-hel' is not a fault", "'lazy-heel'"]),
        ('["lazy-heel", ', '["lazy-heel", "lazy-heel", ', ["names 'lazy-heel' twice"]),
        ('["lazy-heel", "asymmetric-heel"]', "[]", ["focus_order is empty"]),
        ('["lazy-heel", "asymmetric-heel"]', '"lazy-heel"', ["focus_order = 'lazy-heel' must be a list"]),
        ('["good"]', "[]", ["line 9: praise needs at least one"]),
        ('["good"]', '["very good indeed"]', ["line 9: praise = 'very good indeed' has 3 words; at most 2"]),
        (
            'short = "pull under"',
            'short = "pull it under you"',
            ["line 15: cues.lazy-heel.short", "4 words; at most 3"],
        ),
        ('short = "pull under"', "short = 3", ["line 15", "one line of words"]),
        ('short = "pull under"', 'short = "pull\\nunder"', ["line 15", "one line of words"]),
        ('short = "pull under"', "", ["line 13: cues.lazy-heel.short is missing"]),
        ('short = "pull under"', 'short = "pull {side}"', ["line 15", "one leg against the other"]),
        ('focus = "internal"', 'focus = "inner"', ["line 19: cues.asymmetric-heel.focus", "external, internal"]),
        (
            '[ignored_faults]\nflick = "Not here."',
            '[ignored_faults]\nflic = "No."',
            ["line 22: ignored_faults.flic", "did you mean 'flick'"],
        ),
        ('flick = "Not here."', 'flick = ""', ["ignored_faults.flick = ''", "why"]),
        ('flick = "Not here."', 'lazy-heel = "No."', ["is in focus_order too"]),
        ("[cues.asymmetric-heel]", "[cues.flick]", ["is never said", "cues.asymmetric-heel is missing"]),
        ("needed = 1", "needed = 3", ["line 25: faults.lazy-heel.needed = 3", "1 to 2"]),
        ("needed = 1", 'only_with = ["lazy-heel"]', ["line 25: faults.lazy-heel.only_with", "other faults"]),
        ("needed = 1", "need = 1", ["line 25: faults.lazy-heel.need", "did you mean 'needed'"]),
        ("knee_peak_swing_deg = {", "knee_peak_swing = {", ["line 27", "not a metric", "did you mean"]),
        ("knee_peak_swing_deg = {", "thigh_max_deg = {", ["not a metric of this fault"]),
        ('below = "norm - 12"', 'above = "norm - 12"', ["line 27", "must be a table like { below"]),
        ('below = "norm - 12"', 'below = "nrm - 12"', ["'nrm - 12' is not a limit", '"norm - 15"']),
        ('release = "norm - 8"', 'release = "norm - 14"', ["release = norm - 14", "must lie above norm - 12"]),
        ('{ below = "norm - 12", release = "norm - 8" }', "{ below = 75 }", ["line 27", "needs `release`"]),
        ("[faults.lazy-heel]", "[faults.overstride]", ["neither in focus_order nor ignored"]),
        ('dose = "Once."', 'doses = "Once."', ["drills[1].doses", "did you mean 'dose'"]),
        ('name = "Drill"', "name = 1", ["line 30: drills[1].name = 1"]),
        ("[ignored_faults]", "ignored_faults = 3\n[other]", ["other"]),
        (
            '["Warm up first."]',
            '["Warm up.", "one two three four five six seven eight nine ten eleven"]',
            ["line 10", "11 words"],
        ),
        ('["Warm up first."]', "[3]", ["line 10: cautions = [3] must be a list of texts"]),
        ('short = "pull under"', 'short = "pull under"\ntopics = "x"', ["line 16", "did you mean 'topic'"]),
        ('language = "en"', 'language = "de"', ["cues.asymmetric-heel.long uses {side}, so [sides] must give"]),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, words: list[str]) -> None:
    said = broken(old, new)
    assert all(line.startswith("mine.toml") and line.endswith(".") for line in said.splitlines())
    for word in words:
        assert word in said, said


FORMER = GOOD.replace("[ignored_faults]", "[refuses]").replace("release = ", "exit = ")


def test_keys_of_version_0_1_mean_the_same() -> None:
    former, today = parse_pack(FORMER, "mine.toml"), parse_pack(GOOD, "mine.toml")
    assert former.text == FORMER
    assert (former.rules, former.ignored_faults) == (today.rules, today.ignored_faults)
    assert today.rules[0].criteria[0].release is not None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("flick =", "flic =", ["line 22: refuses.flic", "did you mean 'flick'"]),
        (
            'exit = "norm - 8"',
            'exit = "norm - 14"',
            ["line 27", "limits.knee_peak_swing_deg.exit = norm - 14 must lie"],
        ),
    ],
)
def test_what_is_wrong_is_named_as_it_is_written(old: str, new: str, words: list[str]) -> None:
    assert FORMER.count(old) == 1
    said = "".join(map(str, check_pack(FORMER.replace(old, new), "mine.toml")))
    for word in words:
        assert word in said, said


def test_both_names_of_a_key_are_one_too_many() -> None:
    twice = GOOD.replace("[ignored_faults]", '[refuses]\nsitting = "No."\n[ignored_faults]')
    assert list(map(str, check_pack(twice, "mine.toml"))) == [
        "mine.toml, line 21: refuses is the former name of ignored_faults, which is given too; give only one of them."
    ]
    twice = GOOD.replace('release = "norm - 8"', 'release = "norm - 8", exit = "norm - 8"')
    assert list(map(str, check_pack(twice, "mine.toml"))) == [
        "mine.toml, line 27: faults.lazy-heel.limits.knee_peak_swing_deg.exit is the former name of release, which is "
        "given too; give only one of them."
    ]


def test_a_limit_by_norm_is_rejected_where_there_is_no_norm() -> None:
    own = '\n[faults.asymmetric-heel.limits]\nknee_peak_swing_deg = { below = "norm - 8" }\n'
    assert "has no norm by speed" in "".join(map(str, check_pack(GOOD + own, "mine.toml")))


@pytest.mark.parametrize(
    ("text", "line"), [("id = \n", 1), ('id = "x"\nid = "y"\n', 2), ("[cues\n", 1), ("a = [1,\n", 1)]
)
def test_what_is_not_toml_is_told_with_its_line(text: str, line: int) -> None:
    (problem,) = check_pack(text, "mine.toml")
    assert f"mine.toml, line {line}: this is not TOML" in str(problem)
    assert problem.line == line


def test_an_empty_file_lists_what_is_missing() -> None:
    assert len(check_pack("", "mine.toml")) >= 10


def test_the_error_is_one_sentence_and_carries_the_rest() -> None:
    text = GOOD.replace("format = 1", "format = 9").replace('name = "Mine"', "name = 3")
    with pytest.raises(PackError) as caught:
        parse_pack(text, "mine.toml")
    assert isinstance(caught.value, InputError)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("mine.toml, line 1: format = 9")
    assert "1 more" in str(caught.value)
    assert [problem.line for problem in caught.value.diagnostics] == [1, 3]


_values = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(), st.floats(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


TABLES = ["cues", "ignored_faults", "faults", "drills", "sides", "programme", "extends"]
KEYS = [line.split(" =")[0] for line in GOOD.splitlines()[:11]] + TABLES


@given(key=st.sampled_from(KEYS), value=_values)
def test_any_value_under_any_key_is_checked_and_never_crashes(key: str, value: object) -> None:
    tables = tomllib.loads(GOOD) | {key: value}
    with mock.patch("cuecoach.packs.parse.tomllib.loads", return_value=tables):
        check_pack(GOOD, "mine.toml")


@given(st.text())
def test_any_text_is_checked_and_never_crashes(text: str) -> None:
    check_pack(text, "mine.toml")


def test_the_page_tells_everything_a_runner_should_know() -> None:
    page = describe(parse_pack(GOOD, "mine.toml"))
    for words in (
        "MINE",
        "My runners.",
        "2.5 to 5 m/s",
        "Warm up first.",
        '"pull under, don\'t flick", then "pull under"',
        "Not here.",
        "more than 12 deg below the norm",
        '"good"',
        "6:40 to 3:20 minutes a kilometre",
        "Drill: Do it. Dose: Once.",
        "Me.",
    ):
        assert words in page
    assert max(map(len, page.splitlines())) <= 88


PROGRAMME = """
[programme]
recall = "like last time"
better = "{topic}: better"
same = "{topic}: as before"
worse = "{topic}: not yet"
all_well = "all good"
"""
TOPICS = GOOD.replace('short = "pull under"', 'short = "pull under"\ntopic = "pull"').replace(
    'focus = "internal"', 'focus = "internal"\ntopic = "even legs"'
)


def test_a_programme_has_words_for_its_beginning_and_for_every_outcome() -> None:
    pack = parse_pack(TOPICS + PROGRAMME, "mine.toml")
    assert pack.recall is not None
    assert (pack.recall.id, pack.recall.text) == ("recall", "like last time")
    assert pack.all_well is not None
    assert (pack.all_well.id, pack.all_well.text) == ("all-well", "all good")
    told = {
        (fault, outcome): cue.text
        for fault in pack.focus_order
        for outcome in ("better", "same", "worse")
        if (cue := pack.summary(fault, outcome))
    }
    assert told["lazy-heel", "better"] == "pull: better"
    assert told["asymmetric-heel", "worse"] == "even legs: not yet"
    assert len(told) == 6
    assert pack.summary("flick", "better") is None
    assert pack.summary("lazy-heel", "splendid") is None
    assert {"like last time", "pull: as before", "all good"} <= {cue.text for cue in pack.cues()}
    ids = [cue.id for cue in pack.cues()]
    assert len(ids) == len(set(ids))
    page = describe(pack)
    assert '"pull: better" or "pull: as before" or "pull: not yet"' in " ".join(page.split())


def test_without_a_programme_there_are_no_words_for_one() -> None:
    pack = parse_pack(GOOD, "mine.toml")
    assert (pack.recall, pack.all_well, pack.summary("lazy-heel", "better")) == (None, None, None)


def test_half_a_programme_is_told() -> None:
    said = "\n".join(map(str, check_pack(GOOD + PROGRAMME.replace("recall", "recal"), "mine.toml")))
    for words in (
        "programme.recal is not a key of a pack; did you mean 'recall'",
        "programme.recall is missing",
        "line 13: cues.lazy-heel.topic is missing",
        "cues.asymmetric-heel.topic is missing",
    ):
        assert words in said
    long = TOPICS + PROGRAMME.replace("{topic}: better", "{topic} is so very much better now")
    assert "programme.better = 'even legs is so very much better now' has 8 words" in "".join(
        map(str, check_pack(long, "mine.toml"))
    )


def test_cautions_are_cues_of_their_own() -> None:
    pack = parse_pack(GOOD, "mine.toml")
    (caution,) = pack.caution_cues()
    assert (caution.id, caution.text) == ("caution.1", "Warm up first.")
    assert caution in pack.cues()
    assert caution not in pack.coaching_cues()


def test_what_is_wrong_in_a_long_list_is_told_at_its_own_line() -> None:
    listed = GOOD.replace('["lazy-heel", "asymmetric-heel"]', '[\n  "lazy-heel",\n  "asymetric-heel",\n]')
    assert "mine.toml, line 10: focus_order = 'asymetric-heel' is not a fault" in str(
        check_pack(listed, "mine.toml")[0]
    )
