"""Finding packs, and the contract that every shipped pack keeps."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cuecoach.errors import DeviceError, InputError
from cuecoach.packs import library
from cuecoach.packs.description import describe
from cuecoach.packs.faults import FAULTS
from cuecoach.packs.margins import margins
from cuecoach.packs.pack import Outcome, Pack
from cuecoach.packs.parse import check_pack, parse_pack
from cuecoach.packs.schema import schema
from cuecoach.types import AttentionFocus

IDS = sorted(path.stem for path in library.shipped_folder().glob("*.toml"))
HEEL = {"lazy-heel", "low-shank", "flick", "heel-too-high", "asymmetric-heel"}


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(library, "user_folder", lambda: tmp_path)
    return tmp_path


def shipped(pack_id: str) -> Pack:
    return library.find(str(library.shipped_folder() / f"{pack_id}.toml"))


def text_of(pack_id: str) -> str:
    return (library.shipped_folder() / f"{pack_id}.toml").read_text(encoding="utf-8")


# -- the schools


def test_every_school_is_shipped() -> None:
    schools = {"pull-under", "heel-pickup", "pose-pull", "pull-through", "step-over", "toe-heel-knee", "recoil"}
    assert schools | {"pull-under-de"} == set(IDS)


@pytest.mark.parametrize("pack_id", IDS)
def test_a_shipped_pack_keeps_the_contract(pack_id: str) -> None:
    assert library.check(pack_id) == ()
    pack = shipped(pack_id)
    assert pack.id == pack_id
    assert pack.sources
    assert pack.ignored_faults
    cues = pack.coaching_cues()
    external = [cue for cue in cues if cue.focus is AttentionFocus.EXTERNAL]
    assert len(external) > len(cues) / 2 or pack_id == "toe-heel-knee", "the folk cue names the body on purpose"
    page = describe(pack)
    assert max(map(len, page.splitlines())) <= 88
    for claim in ("injur", "economy", "economical", "efficien", "healthy", "faster runner", "prevent"):
        assert claim not in page.lower(), f"{pack_id} claims {claim!r}"


@pytest.mark.parametrize("pack_id", IDS)
def test_a_shipped_pack_warns_of_a_hurting_hamstring_or_of_pulling(pack_id: str) -> None:
    cautions = " ".join(cue.text for cue in shipped(pack_id).caution_cues())
    assert "hamstring" in cautions or "Oberschenkel" in cautions or "Do not pull" in cautions


@pytest.mark.parametrize("pack_id", IDS)
def test_a_shipped_pack_has_all_words_of_a_programme(pack_id: str) -> None:
    pack = shipped(pack_id)
    assert pack.recall
    assert pack.all_well
    for fault in pack.focus_order:
        told = [pack.summary(fault, outcome) for outcome in Outcome]
        assert len({cue.text for cue in told if cue}) == 3
        assert all(cue in pack.cues() for cue in told)


@pytest.mark.parametrize("pack_id", IDS)
def test_the_words_of_a_shipped_pack_are_plain(pack_id: str) -> None:
    for cue in shipped(pack_id).coaching_cues():
        assert re.fullmatch(r"[A-Za-zäöüßÄÖÜ' ,:-]+", cue.text), cue


@pytest.mark.parametrize("pack_id", IDS)
def test_no_shipped_pack_speaks_about_what_cannot_be_measured_well_enough(pack_id: str) -> None:
    assert library.warnings(pack_id) == ()
    pack = shipped(pack_id)
    for rule in pack.rules:
        if rule.id in pack.focus_order:
            for margin in margins(rule, pack.speeds_mps):
                assert margin.distance >= 3 * margin.error, (rule.id, margin)


@pytest.mark.parametrize(
    ("pack_id", "words"), [("pull-under", "pull under, don't flick"), ("toe-heel-knee", "toe up, heel up, knee up")]
)
def test_two_cues_are_shipped_word_for_word(pack_id: str, words: str) -> None:
    assert shipped(pack_id).cue("lazy-heel", None, first=True).text == words


def test_recoil_never_cues_the_heel() -> None:
    pack = shipped("recoil")
    assert set(pack.ignored_faults) >= HEEL
    assert set(FAULTS) >= HEEL
    assert not any(word in cue.text for cue in pack.coaching_cues() for word in ("heel", "pull", "foot"))


def test_no_sprint_school_speaks_at_an_easy_pace() -> None:
    assert all(shipped(pack_id).speeds_mps[0] >= 5.5 for pack_id in ("step-over", "toe-heel-knee"))


def test_the_german_edition_is_german_throughout_and_coaches_the_same() -> None:
    german, english = shipped("pull-under-de"), shipped("pull-under")
    assert german.language == "de"
    assert (german.rules, german.focus_order, german.speeds_mps) == (
        english.rules,
        english.focus_order,
        english.speeds_mps,
    )
    assert {cue.id for cue in german.cues()} == {cue.id for cue in english.cues()}
    assert not {cue.text for cue in german.cues()} & {cue.text for cue in english.cues()}


# -- finding


def test_an_unknown_pack_is_told_with_the_nearest(own_folder: Path) -> None:
    with pytest.raises(InputError, match=r"no pack 'pul-under': did you mean 'pull-under'\.$"):
        library.find("pul-under")
    with pytest.raises(InputError, match=r"there are .*recoil.*\.$"):
        library.find("zzz")


@pytest.mark.parametrize("bad", ["missing.toml", "folder.toml", "no/such/file"])
def test_a_file_that_cannot_be_read(own_folder: Path, bad: str) -> None:
    (own_folder / "folder.toml").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        library.find(str(own_folder / bad))
    with pytest.raises(InputError, match="cannot be read"):
        library.check(str(own_folder / bad))


def test_a_film_given_as_a_pack(own_folder: Path) -> None:
    film = own_folder / "film.toml"
    film.write_bytes(b"\xff\xd8" * 100)
    with pytest.raises(InputError, match="not text"):
        library.find(str(film))
    film.write_bytes(b"#" * 2_000_000)
    with pytest.raises(InputError, match="too large"):
        library.find(str(film))


def test_a_pack_written_on_windows(own_folder: Path) -> None:
    text = text_of("recoil").replace("\n", "\r\n")
    (own_folder / "copy.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert library.check(str(own_folder / "copy.toml")) == ()


def test_own_packs_are_found_beside_the_shipped_and_before_them(own_folder: Path) -> None:
    text = text_of("recoil")
    (own_folder / "mine.toml").write_text(text.replace('id = "recoil"', 'id = "mine"'))
    (own_folder / "recoil.toml").write_text(text.replace('name = "Recoil"', 'name = "My recoil"'))
    assert [listed.id for listed in library.available()] == sorted([*IDS, "mine"])
    assert library.find("recoil").name == "My recoil"
    assert library.find("mine").id == "mine"


def test_one_broken_pack_does_not_hide_the_others(own_folder: Path) -> None:
    (own_folder / "mine.toml").write_text("id = 3\n")
    (own_folder / "film.toml").write_bytes(b"\xff\xd8")
    listed = {entry.id: entry for entry in library.available()}
    assert set(listed) == {*IDS, "mine", "film"}
    assert listed["mine"].pack is None
    assert "mine.toml: format is missing (and " in listed["mine"].error
    assert "not text" in listed["film"].error
    assert all(listed[pack_id].pack for pack_id in IDS)


def test_a_folder_that_is_not_there_is_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "user_folder", lambda: tmp_path / "none")
    assert [listed.id for listed in library.available()] == IDS


def test_a_pack_may_extend_a_shipped_one_an_own_one_and_one_beside_it(own_folder: Path, tmp_path: Path) -> None:
    head = 'id = "{}"\nname = "X"\nextends = "{}"\n'
    (own_folder / "own.toml").write_text(head.format("own", "recoil"))
    aside = tmp_path / "aside"
    aside.mkdir()
    (aside / "first.toml").write_text(head.format("first", "own"))
    (aside / "second.toml").write_text(head.format("second", "first") + 'praise = ["hop"]\n')
    pack = library.find(str(aside / "second.toml"))
    assert pack.focus_order == ("weak-push",)
    assert pack.praise[0].text == "hop"


def test_a_pack_that_hides_the_shipped_one_cannot_extend_it(own_folder: Path) -> None:
    (own_folder / "recoil.toml").write_text('id = "recoil"\nname = "X"\nextends = "recoil"\n')
    with pytest.raises(InputError, match=r"recoil\.toml, line 3: extends = 'recoil' goes round in a circle"):
        library.find("recoil")


def test_a_file_under_another_name_than_its_id_is_warned_about(own_folder: Path) -> None:
    (own_folder / "other.toml").write_text(text_of("recoil"))
    (warning,) = library.warnings("other")
    assert "id = 'recoil', but `--pack` finds it by the file's name, 'other'" in str(warning)


# -- new packs


@pytest.mark.parametrize("parent", [None, *IDS])
def test_a_new_pack_is_in_order_from_the_start(own_folder: Path, parent: str | None) -> None:
    path = library.create("my-own", parent)
    assert path == own_folder / "my-own.toml"
    assert library.check("my-own") == ()
    assert library.warnings("my-own") == ()
    assert library.find("my-own").id == "my-own"
    schema_line = path.read_text(encoding="utf-8").splitlines()[0]
    assert schema_line.startswith("#:schema file://")
    assert Path(schema_line.removeprefix("#:schema file://")).is_file()


def test_everything_a_new_pack_inherits_can_be_uncommented(own_folder: Path) -> None:
    path = library.create("my-own", "pull-under")
    text = path.read_text(encoding="utf-8")
    head, comments = text.split("\n\n", 1)
    path.write_text(head + "\n" + re.sub(r"(?m)^# ", "", comments), encoding="utf-8")
    assert library.check("my-own") == ()
    mine, parent = library.find("my-own"), library.find("pull-under")
    assert (mine.rules, mine.phrases, mine.drills) == (parent.rules, parent.phrases, parent.drills)


def test_a_new_pack_shows_what_a_pack_of_version_0_1_has_under_the_keys_of_today(own_folder: Path) -> None:
    library.create("mine", "pull-through")
    today = (own_folder / "mine.toml").read_text(encoding="utf-8")
    former = text_of("pull-through").replace("[ignored_faults]", "[refuses]").replace("release = ", "exit = ")
    (own_folder / "pull-through.toml").write_text(former, encoding="utf-8")
    library.create("other", "pull-through")
    again = (own_folder / "other.toml").read_text(encoding="utf-8")
    assert again == today.replace('"mine"', '"other"').replace('"Mine"', '"Other"')


def test_a_new_pack_never_overwrites_and_needs_a_fit_name(own_folder: Path) -> None:
    library.create("mine")
    with pytest.raises(InputError, match=r"mine\.toml: there is a pack already"):
        library.create("mine")
    with pytest.raises(InputError, match="'My Pack' cannot be a pack's id; allowed are small letters"):
        library.create("My Pack")
    with pytest.raises(InputError, match="no pack 'nobody'"):
        library.create("other", "nobody")
    assert library.create(str(own_folder / "sub" / "there.toml")).is_file()


def test_a_new_pack_must_be_able_to_find_the_one_it_builds_on(own_folder: Path, tmp_path: Path) -> None:
    aside = tmp_path / "aside" / "far.toml"
    aside.parent.mkdir()
    aside.write_text(text_of("recoil").replace('id = "recoil"', 'id = "far"'), encoding="utf-8")
    with pytest.raises(InputError, match="'far' is not found from here; write the new one beside it"):
        library.create("mine", str(aside))
    assert not (own_folder / "mine.toml").exists()
    library.create(str(aside.with_name("mine.toml")), str(aside))
    assert library.find(str(aside.with_name("mine.toml"))).focus_order == ("weak-push",)


def test_a_new_pack_where_nothing_can_be_written(own_folder: Path) -> None:
    (own_folder / "file").write_text("")
    with pytest.raises(DeviceError, match="cannot be written"):
        library.create(str(own_folder / "file" / "x.toml"))


# -- schema and guide


def test_the_schema_file_is_the_code_s() -> None:
    kept = json.loads((library.shipped_folder() / library.SCHEMA).read_text(encoding="utf-8"))
    assert kept == schema(), "write it anew: cuecoach packs schema > cue_packs/pack.schema.json"


@pytest.mark.parametrize("pack_id", IDS)
def test_editors_find_the_schema_of_a_shipped_pack(pack_id: str) -> None:
    assert text_of(pack_id).startswith(f"#:schema ./{library.SCHEMA}\n")


def guide() -> str:
    return (library.shipped_folder() / "README.md").read_text(encoding="utf-8")


def test_the_examples_in_the_guide_are_packs_and_the_full_one_is_the_template() -> None:
    small, full = re.findall(r"```toml\n(.*?)```", guide(), flags=re.DOTALL)
    assert full == (library.shipped_folder() / library.TEMPLATE).read_text(encoding="utf-8")
    assert check_pack(full, "example") == ()
    pack = parse_pack(small, "example", {pack_id: text_of(pack_id) for pack_id in IDS})
    assert "low-cadence" not in pack.focus_order


def test_the_guide_names_every_fault_with_its_metrics_and_every_pack() -> None:
    for fault in FAULTS.values():
        assert f"`{fault.id}`" in guide()
        for metric in fault.metrics:
            assert f"`{metric}`" in guide()
    for pack_id in IDS:
        assert f"`{pack_id}`" in guide()
