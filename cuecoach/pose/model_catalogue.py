"""Which pose models there are: where each is published, how it is recognised and what it is worth. Touches no file."""

from __future__ import annotations

from dataclasses import dataclass

from cuecoach.errors import InputError

_PUBLISHED = "https://storage.googleapis.com/mediapipe-models/pose_landmarker"


@dataclass(frozen=True, slots=True)
class PoseModel:
    """One of MediaPipe's pose landmarkers: a network that finds people and one that places their landmarks.

    `bundle_...` describe the file of both that Google publishes (its only numbered release, 2023; many public projects
    state the same checksums and sizes), `network_...` the landmark network alone, as it is in the npm package
    `@mediapipe/pose` and, of the full model, in mediapipe's wheels before 1.0. `weights_sha256` is the same for every
    bundle of this model, whoever made it (see `model_bundle.weights_sha256`).

    `silhouette_share` is how far a folded shank follows the silhouette (`silhouette.py`). The full network folds it 5
    degrees too little and the silhouette 0.4 too much (means of seven labelled films); the heavy one 2 too little, the
    silhouette 1.5 too much, so the truth lies between.

    `hips_share` is how far each hip goes to the other one (`hips.py`). With half the way, where both meet, the bias of
    the near thigh over four labelled films (root mean square) falls from 2.7 to 1.2 degrees with the heavy network; the
    full one errs more alike for both hips, and a quarter takes it from 2.6 to 2.1. The films ask for such shares,
    whichever of them is left out.
    """

    name: str
    bundle_url: str
    bundle_bytes: int
    bundle_sha256: str
    network_name: str
    network_bytes: int
    network_sha256: str
    weights_sha256: str
    worth: str  # for the user, after a colon
    silhouette_share: float
    hips_share: float

    @property
    def file_name(self) -> str:
        """What its bundle is called in the cache folder."""
        return f"pose_landmarker_{self.name}.task"

    @property
    def offer(self) -> str:
        """A sentence for who does not have it: what it would bring, and how it comes here."""
        return (
            f"The {self.name} pose model is not here: {self.worth}; "
            f"`cuecoach models fetch {self.name}` brings it ({self.bundle_bytes / 1e6:.0f} MB)."
        )


FULL = PoseModel(
    name="full",
    bundle_url=f"{_PUBLISHED}/pose_landmarker_full/float16/1/pose_landmarker_full.task",
    bundle_bytes=9_398_198,
    bundle_sha256="5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1",
    network_name="pose_landmark_full.tflite",
    network_bytes=6_440_512,
    network_sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    weights_sha256="4c7665541742bb4ea238a040cb4f803ed77673765f76819d98f7320606c0f95b",
    worth="comes by itself, and is fast enough for a camera nearly everywhere",
    silhouette_share=1.0,
    hips_share=0.25,
)

HEAVY = PoseModel(
    name="heavy",
    bundle_url=f"{_PUBLISHED}/pose_landmarker_heavy/float16/1/pose_landmarker_heavy.task",
    bundle_bytes=30_664_242,
    bundle_sha256="64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b",
    network_name="pose_landmark_heavy.tflite",
    network_bytes=27_709_200,
    network_sha256="59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
    weights_sha256="055df3acb9f13c599105ef8abce29e74eb5b7c001332854879bcc03db9360b0d",
    worth="knee 4.5 instead of 5.3 degrees off on labelled films, 90 instead of 72 % trusted; takes twice the time",
    silhouette_share=0.5,
    hips_share=0.5,
)

MODELS = {model.name: model for model in (FULL, HEAVY)}
BEST_FIRST = (HEAVY, FULL)


def model_named(name: str) -> PoseModel:
    """Return the model of this name; raises InputError when there is none."""
    if name not in MODELS:
        raise InputError(f"There is no pose model {name!r}; there are {' and '.join(MODELS)}.")
    return MODELS[name]
