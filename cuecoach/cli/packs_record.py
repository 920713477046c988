"""`cuecoach packs record`: a pack's phrases in the coach's own voice. Prompts only; sound is the voice room's."""

from __future__ import annotations

from typing import Annotated

import typer

from cuecoach import assemble, config, packs
from cuecoach.cli import options
from cuecoach.voice import recorded, shaping
from cuecoach.voice.base import RATE_HZ, Clip
from cuecoach.voice.microphone import Microphone
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.trial import play

Which = Annotated[str, typer.Argument(help="A pack's id or a file.", metavar="ID|FILE")]


@options.sentences
def record(
    which: Which,
    again: Annotated[bool, typer.Option("--again", help="Also phrases that are recorded already.")] = False,
    microphone: Annotated[str | None, typer.Option(help="Part of the microphone's name.", metavar="NAME")] = None,
    config_file: options.Config = None,
) -> None:
    """Record a pack's phrases in your own voice; they win over speech, phrase by phrase.

    For each phrase: Enter begins, Enter ends; then keep it, hear it, say it again, or leave it. Any WAV, FLAC or OGG
    file named after a cue in the same folder does as well.
    """
    settings = config.load(config_file)
    pack = packs.find(which)
    folder = assemble.recordings_folder(pack.id, settings)
    cues = [cue for cue in pack.cues() if again or recorded.path_of(folder, cue.id) is None]
    typer.echo(f"{len(cues)} phrases to record into {folder}.")
    for number, cue in enumerate(cues, 1):
        sound = _phrase(f"{number} of {len(cues)}: “{cue.text}”", cue.id, cue.text, microphone, settings.voice)
        if sound is not None:
            typer.echo(f"Kept: {recorded.keep(folder, cue.id, sound.samples)}")


def _phrase(title: str, cue_id: str, text: str, microphone: str | None, settings: VoiceSettings) -> Clip | None:
    """Ask for one phrase until it is kept or left."""
    answer = "a"
    clip: Clip | None = None
    while True:
        if answer == "a":
            clip = _take(title, cue_id, text, microphone)
        elif answer == "h" and clip is not None:
            play(clip, settings)
        elif answer == "k" and clip is not None:
            return clip
        elif answer == "l":
            return None
        answer = typer.prompt("[k]eep, [h]ear, [a]gain, [l]eave", default="k" if clip else "a").strip().lower()[:1]


def _take(title: str, cue_id: str, text: str, microphone: str | None) -> Clip | None:
    """Record once; say why it is of no use, if it is not."""
    typer.prompt(f"{title}  - Enter begins", default="", show_default=False)
    with Microphone(microphone) as open_microphone:
        typer.prompt("recording     - Enter ends", default="", show_default=False)
        raw = open_microphone.samples()
    try:
        samples = shaping.shape(raw, RATE_HZ)
    except shaping.UnusableSoundError as error:
        typer.echo(f"That cannot be used: {error}.")
        return None
    clip = Clip(cue_id, text, samples, "recorded", shaping.voiced_s(samples))
    typer.echo(f"{clip.voiced_s:.2f} s.")
    return clip
