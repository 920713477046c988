"""The form of a pose model file, a zip of two networks: what is wrong with one, which model it is, and how one is made.

Works on bytes; opens no file and runs no network.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Iterable, Iterator

from cuecoach.pose.model_catalogue import MODELS, PoseModel

DETECTOR, LANDMARKS = "pose_detector.tflite", "pose_landmarks_detector.tflite"
MEMBER_MAX_BYTES = 1 << 26
_NETWORK_MARK = b"TFL3"  # at byte 4
_METADATA_NAME = b"TFLITE_METADATA"

# Mean and standard deviation with which MediaPipe's own graphs normalise the pictures of each network: to -1..1 for the
# detector, to 0..1 for landmarks. The Tasks API reads them from the network's metadata.
_NORMALISATION = {DETECTOR: (127.5, 127.5), LANDMARKS: (0.0, 255.0)}

# Places of fields in TensorFlow Lite's schema (version 3, tensorflow/compiler/mlir/lite/schema/schema.fbs).
_MODEL_BUFFERS, _MODEL_METADATA, _BUFFER_DATA, _METADATA_BUFFER = 4, 6, 0, 1


def is_network(content: bytes) -> bool:
    """Return whether this begins as a TensorFlow Lite network does."""
    return content[4:8] == _NETWORK_MARK


def bundle_fault(content: bytes) -> str:
    """Return what is wrong with a model file as the end of a sentence ("holds no ..."), or "" when it is sound."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            for name in sorted(_NORMALISATION):
                if name not in bundle.namelist():
                    return f"holds no {name}"
                # Reading to the end also checks the member's CRC.
                if not is_network(_member(bundle, name)):
                    return f"holds a broken {name}"
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        return f"cannot be read ({error})"
    return ""


def detector_network(content: bytes) -> bytes:
    """Return the network that finds people from a sound bundle."""
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        return _member(bundle, DETECTOR)


def model_of(content: bytes, models: Iterable[PoseModel] = MODELS.values()) -> PoseModel | None:
    """Return which of `models` a sound bundle is, whoever made it; None for any other."""
    weights = weights_sha256(content)
    by_weights = next((model for model in models if model.weights_sha256 == weights), None)
    if by_weights is not None:
        return by_weights
    published = hashlib.sha256(content).hexdigest()
    return next((model for model in models if model.bundle_sha256 == published), None)


def weights_sha256(content: bytes) -> str:
    """Return the checksum of the weights of both networks in a sound bundle, "" when they cannot be read.

    Metadata is left out: Google's files and those made here differ in it, and so do those of two versions of mediapipe.
    """
    checksum = hashlib.sha256()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            for name in sorted(_NORMALISATION):
                for weights in _weights(_member(bundle, name)):
                    checksum.update(weights)
    except (struct.error, ValueError, IndexError, TypeError):
        return ""
    return checksum.hexdigest()


def make_bundle(detector: bytes, landmarks: bytes) -> bytes:
    """Return a model file of two networks, each with the normalisation of its pictures in its metadata."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, network in ((DETECTOR, detector), (LANDMARKS, landmarks)):
            archive.writestr(zipfile.ZipInfo(name), _with_normalisation(network, *_NORMALISATION[name]))
    return content.getvalue()


def _member(bundle: zipfile.ZipFile, name: str) -> bytes:
    """Return a member, which may not be larger than any pose network is."""
    if bundle.getinfo(name).file_size > MEMBER_MAX_BYTES:
        raise zipfile.BadZipFile(f"{name} is larger than any pose network")
    return bundle.read(name)


def _weights(network: bytes) -> Iterator[memoryview]:
    """Yield the buffers of a network in their order, without those that only metadata names."""
    from flatbuffers import encode, number_types, packer
    from flatbuffers.table import Table

    def tables(owner: Table, field: int) -> Iterator[Table]:
        if place := owner.Offset(4 + 2 * field):
            start = owner.Vector(place)
            for index in range(owner.VectorLen(place)):
                yield Table(network, owner.Indirect(start + 4 * index))

    model = Table(network, encode.Get(packer.uoffset, network, 0))
    metadata = set()
    for entry in tables(model, _MODEL_METADATA):
        place = entry.Offset(4 + 2 * _METADATA_BUFFER)
        metadata.add(entry.Get(number_types.Uint32Flags, entry.Pos + place) if place else 0)
    for index, buffer in enumerate(tables(model, _MODEL_BUFFERS)):
        place = buffer.Offset(4 + 2 * _BUFFER_DATA)
        if place and index not in metadata:
            start = buffer.Vector(place)
            yield memoryview(network)[start : start + buffer.VectorLen(place)]


def _with_normalisation(network: bytes, mean: float, deviation: float) -> bytes:
    """Return a network with the normalisation of its pictures written into its metadata.

    As mediapipe 0.10's metadata writer does it; mediapipe 1.x has the schemas only.
    """
    from flatbuffers import Builder
    from mediapipe.tasks.metadata import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(network, 0))
    graph = model.subgraphs[0]
    buffer = schema.BufferT()
    buffer.data = _metadata(len(graph.inputs), len(graph.outputs), mean, deviation)
    model.metadata = model.metadata or []
    present = [entry.buffer for entry in model.metadata if entry.name == _METADATA_NAME]
    if present:
        model.buffers[present[0]] = buffer
    else:
        entry = schema.MetadataT()
        entry.name, entry.buffer = _METADATA_NAME.decode(), len(model.buffers)
        model.buffers.append(buffer)
        model.metadata.append(entry)
    builder = Builder(0)
    builder.Finish(model.Pack(builder), _NETWORK_MARK)
    return bytes(builder.Output())


def _metadata(inputs: int, outputs: int, mean: float, deviation: float) -> bytearray:
    """Return the metadata of a network whose first input is an RGB picture with this normalisation."""
    from flatbuffers import Builder
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

    picture, normalisation, content, unit = (
        schema.ImagePropertiesT(),
        schema.NormalizationOptionsT(),
        schema.ContentT(),
        schema.ProcessUnitT(),
    )
    picture.colorSpace = schema.ColorSpaceType.RGB
    content.contentProperties, content.contentPropertiesType = picture, schema.ContentProperties.ImageProperties
    normalisation.mean, normalisation.std = [mean], [deviation]
    unit.options, unit.optionsType = normalisation, schema.ProcessUnitOptions.NormalizationOptions
    tensors = [schema.TensorMetadataT() for _ in range(inputs)]
    tensors[0].content, tensors[0].processUnits = content, [unit]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = tensors
    graph.outputTensorMetadata = [schema.TensorMetadataT() for _ in range(outputs)]
    model = schema.ModelMetadataT()
    model.subgraphMetadata, model.minParserVersion = [graph], "1.0.0"
    builder = Builder(0)
    builder.Finish(model.Pack(builder), b"M001")
    return bytearray(builder.Output())
