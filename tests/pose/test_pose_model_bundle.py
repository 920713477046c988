"""What a model file is told by: sound or not, and which model, whoever made it."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pose_models import bundle, catalogued, network

from cuecoach.pose import model_bundle
from cuecoach.pose.model_bundle import (
    DETECTOR,
    LANDMARKS,
    bundle_fault,
    detector_network,
    is_network,
    model_of,
    weights_sha256,
)

SOUND = bundle()


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member)
    return content.getvalue()


def test_a_sound_bundle_has_no_fault() -> None:
    assert bundle_fault(SOUND) == ""
    assert is_network(detector_network(SOUND))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "cannot be read"),
        (b"hello", "cannot be read"),
        (SOUND[: len(SOUND) // 2], "cannot be read"),
        (SOUND.replace(b"landmarks", b"landMarks", 1), "cannot be read"),  # the weights: the CRC does not hold
        (bundle(b"a", b"b", b"", LANDMARKS), f"holds no {LANDMARKS}"),
        (bundle(b"a", b"b", b"", DETECTOR), f"holds no {DETECTOR}"),
        (zipped({DETECTOR: network(b"a"), LANDMARKS: b"no network"}), f"holds a broken {LANDMARKS}"),
    ],
    ids=["empty", "text", "half", "changed", "no landmarks", "no detector", "no network"],
)
def test_a_fault_is_the_end_of_a_sentence(content: bytes, fault: str) -> None:
    assert bundle_fault(content).startswith(fault)


def test_a_member_larger_than_any_network_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_bundle, "MEMBER_MAX_BYTES", 1000)
    assert "larger than any pose network" in bundle_fault(zipped({DETECTOR: network(bytes(1001)), LANDMARKS: b""}))


def test_a_model_is_known_by_its_weights_whatever_the_metadata() -> None:
    model = catalogued("heavy", SOUND)
    assert model_of(bundle(metadata=b"normalisation"), [model]) is model
    assert model_of(bundle(b"other weights"), [model]) is None
    assert model_of(bundle(detector=b"other weights"), [model]) is None


def test_the_published_file_is_known_even_where_its_weights_cannot_be_read() -> None:
    strange = zipped(dict.fromkeys((DETECTOR, LANDMARKS), b"\xff\xff\xff\x7fTFL3"))
    assert bundle_fault(strange) == ""
    assert weights_sha256(strange) == ""
    assert model_of(strange, [catalogued("full", SOUND)]) is None
    published = catalogued("heavy", strange)
    assert model_of(strange, [published]) is published


@given(st.binary(max_size=300))
def test_no_content_of_a_network_ends_in_anything_but_a_checksum(content: bytes) -> None:
    unreadable = zipped({DETECTOR: content, LANDMARKS: content})
    assert isinstance(weights_sha256(unreadable), str)
