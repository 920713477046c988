"""Small stand-ins for pose networks and model files, and models of the catalogue that are these."""

from __future__ import annotations

import hashlib
import io
import zipfile

from flatbuffers import Builder

from cuecoach.pose.model_bundle import DETECTOR, LANDMARKS, weights_sha256
from cuecoach.pose.model_catalogue import PoseModel


def network(weights: bytes, metadata: bytes = b"") -> bytes:
    """Return the form of a TensorFlow Lite network with one buffer of weights and, if given, one of metadata."""
    builder = Builder(0)
    buffers = [_table(builder, builder.CreateByteVector(content)) for content in (weights, metadata) if content]
    entries = [_table(builder, None, 1)] if metadata else []
    vectors = {4: _vector(builder, buffers), 6: _vector(builder, entries)}
    builder.StartObject(7)
    for field, vector in vectors.items():
        builder.PrependUOffsetTRelativeSlot(field, vector, 0)
    builder.Finish(builder.EndObject(), b"TFL3")
    return bytes(builder.Output())


def bundle(
    landmarks: bytes = b"landmarks", detector: bytes = b"detector", metadata: bytes = b"", *leave_out: str
) -> bytes:
    """Return a model file of two networks with these weights."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, weights in ((DETECTOR, detector), (LANDMARKS, landmarks)):
            if name not in leave_out:
                archive.writestr(zipfile.ZipInfo(name), network(weights, metadata))
    return content.getvalue()


def catalogued(name: str, content: bytes, alone: bytes = b"", url: str = "http://127.0.0.1:9/pose.task") -> PoseModel:
    """Return a model whose published bundle is `content` and whose landmark network alone is `alone`."""
    return PoseModel(
        name=name,
        bundle_url=url,
        bundle_bytes=len(content),
        bundle_sha256=hashlib.sha256(content).hexdigest(),
        network_name=f"pose_landmark_{name}.tflite",
        network_bytes=len(alone),
        network_sha256=hashlib.sha256(alone).hexdigest(),
        weights_sha256=weights_sha256(content),
        worth="worth a test",
        silhouette_share=1.0,
        hips_share=0.25,
    )


def _table(builder: Builder, data: int | None, number: int = 0) -> int:
    """Write a table that has a vector as its first field, or a number as its second."""
    builder.StartObject(2)
    if data is not None:
        builder.PrependUOffsetTRelativeSlot(0, data, 0)
    if number:
        builder.PrependUint32Slot(1, number, 0)
    return int(builder.EndObject())


def _vector(builder: Builder, offsets: list[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
