"""Finding packs, and the contract that every shipped pack keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cuecoach import packs
from cuecoach.coach import describe
from cuecoach.coach.faults import FAULTS
from cuecoach.errors import InputError

SHIPPED = sorted(packs.shipped_folder().glob("*.toml"))
IDS = [path.stem for path in SHIPPED]


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(packs, "user_folder", lambda: tmp_path)
    return tmp_path


def test_the_packs_that_disagree_are_shipped() -> None:
    assert {"pull-under", "recoil", "step-over"} <= set(IDS)


@pytest.mark.parametrize("path", SHIPPED, ids=IDS)
def test_a_shipped_pack_keeps_the_contract(path: Path) -> None:
    assert packs.check(str(path)) == ()
    pack = packs.find(str(path))
    assert pack.id == path.stem
    assert pack.sources
    assert pack.cautions
    assert pack.refuses
    external = [cue for cue in pack.cues() if cue.focus == "external"]
    assert len(external) > len(pack.cues()) / 2
    page = describe(pack)
    assert max(map(len, page.splitlines())) <= 88
    for claim in ("injur", "economy", "economical", "efficien", "healthy", "faster runner", "prevent"):
        assert claim not in page.lower(), f"{path.name} claims {claim!r}"


@pytest.mark.parametrize("path", SHIPPED, ids=IDS)
def test_the_words_of_a_shipped_pack_are_plain(path: Path) -> None:
    for cue in packs.find(str(path)).cues():
        assert re.fullmatch(r"[a-z' ,-]+", cue.text), cue
        assert len(re.findall(r"[aeiouy]+", cue.text)) <= 9, f"too long for a runner: {cue}"


def test_pull_under_is_shipped_word_for_word() -> None:
    assert packs.find("pull-under").cue("lazy-heel", None, first=True).text == "pull under, don't flick"


def test_recoil_never_cues_the_heel() -> None:
    pack = packs.find("recoil")
    about_the_heel = {"lazy-heel", "low-shank", "flick", "asymmetric-heel"}
    assert about_the_heel <= set(pack.refuses)
    assert about_the_heel <= set(FAULTS)
    assert not any(word in cue.text for cue in pack.cues() for word in ("heel", "pull", "foot"))


def test_an_unknown_pack_is_told_with_the_nearest(own_folder: Path) -> None:
    with pytest.raises(InputError, match=r"no pack 'pul-under': did you mean 'pull-under'\.$"):
        packs.find("pul-under")
    with pytest.raises(InputError, match=r"there are .*recoil.*\.$"):
        packs.find("zzz")


@pytest.mark.parametrize("bad", ["missing.toml", "folder.toml", "no/such/file"])
def test_a_file_that_cannot_be_read(own_folder: Path, bad: str) -> None:
    (own_folder / "folder.toml").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        packs.find(str(own_folder / bad))
    with pytest.raises(InputError, match="cannot be read"):
        packs.check(str(own_folder / bad))


def test_a_film_given_as_a_pack(own_folder: Path) -> None:
    film = own_folder / "film.toml"
    film.write_bytes(b"\xff\xd8" * 100)
    with pytest.raises(InputError, match="not text"):
        packs.find(str(film))
    film.write_bytes(b"#" * 2_000_000)
    with pytest.raises(InputError, match="too large"):
        packs.find(str(film))


def test_a_pack_written_on_windows(own_folder: Path) -> None:
    text = SHIPPED[0].read_text(encoding="utf-8").replace("\n", "\r\n")
    (own_folder / "copy.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert packs.check(str(own_folder / "copy.toml")) == ()


def test_own_packs_are_found_beside_the_shipped_and_before_them(own_folder: Path) -> None:
    text = (packs.shipped_folder() / "recoil.toml").read_text(encoding="utf-8")
    (own_folder / "mine.toml").write_text(text.replace('id = "recoil"', 'id = "mine"'))
    (own_folder / "recoil.toml").write_text(text.replace('name = "Recoil"', 'name = "My recoil"'))
    assert [pack.id for pack in packs.available()] == sorted([*IDS, "mine"])
    assert packs.find("recoil").name == "My recoil"
    assert packs.find("mine").id == "mine"


def test_a_folder_that_is_not_there_is_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "user_folder", lambda: tmp_path / "none")
    assert [pack.id for pack in packs.available()] == IDS


def test_the_example_in_the_guide_is_a_pack() -> None:
    guide = (packs.shipped_folder() / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", guide, flags=re.DOTALL)
    from cuecoach.coach import check_pack

    assert check_pack(example, "example") == ()


def test_the_guide_names_every_fault() -> None:
    guide = (packs.shipped_folder() / "README.md").read_text(encoding="utf-8")
    for fault in FAULTS.values():
        assert f"`{fault.id}`" in guide
        for metric in fault.metrics:
            assert f"`{metric}`" in guide
