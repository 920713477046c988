"""`cuecoach packs record`: a pack's phrases in the coach's own voice. Prompts only; sound is the voice room's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.errors import EXIT_STOPPED, DeviceError
from cuecoach.packs import library
from cuecoach.types import Cue
from cuecoach.voice.audio_processing import UnusableSoundError
from cuecoach.voice.base import Clip, ClipSource
from cuecoach.voice.settings import VoiceSettings
from cuecoach.voice.speech import own_recordings, recording_check
from cuecoach.voice.speech.microphone import Microphone
from cuecoach.voice.speech.preview import play_clip
from cuecoach.voice.speech.recording_check import CheckedRecording

Which = Annotated[str, typer.Argument(help="A pack's id or a file.", metavar="ID|FILE")]


@options.handle_errors
def record(
    which: Which,
    again: Annotated[bool, typer.Option("--again", help="Also phrases that are recorded already.")] = False,
    microphone: Annotated[str | None, typer.Option(help="Part of the microphone's name.", metavar="NAME")] = None,
    config_file: options.Config = None,
) -> None:
    """Record a pack's phrases in your own voice; they win over speech, phrase by phrase.

    For each phrase: Enter begins, Enter ends; then keep it, hear it, say it again, or leave it out. Any WAV, FLAC or
    OGG file named after a cue in the same folder does as well.
    """
    settings = config.load(config_file)
    pack = library.find(which)
    folder = config.recordings_folder(settings, pack.id)
    every = pack.cues()
    cues = [cue for cue in every if again or own_recordings.path_of(folder, cue.id) is None]
    there = len(every) - len(cues)
    typer.echo(f"{pack.name}: {len(cues)} phrases to record into {folder}")
    if there:
        typer.echo(f"{there} are recorded already; --again takes them as well.")
    if not cues:
        return
    with Microphone(microphone) as opened:  # one that is missing is told before anything is asked
        typer.echo(f"Microphone: {opened.name}. Ctrl-C stops; what is kept stays.")
    kept = 0
    try:
        for number, cue in enumerate(cues, 1):
            kept += _phrase(f"{number} of {len(cues)}", cue, folder, microphone, settings.voice)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo(f"\nStopped. Recorded now: {kept}; still to record: {len(cues) - kept}.")
        raise typer.Exit(EXIT_STOPPED) from None
    typer.echo(
        f"\nRecorded: {kept}; left out: {len(cues) - kept}. `cuecoach run --pack {which}` says them in your voice."
    )


def _phrase(place: str, cue: Cue, folder: Path, microphone: str | None, settings: VoiceSettings) -> bool:
    """Ask for one phrase until it is kept or left out; return whether it was kept."""
    typer.echo(f"\n{place}  {cue.id}, at most {recording_check.allowed_s(cue.id):g} s:  “{cue.text}”")
    answer = "a"
    recording: CheckedRecording | None = None
    while answer != "l":
        if answer == "a":
            recording = _record(cue.id, microphone)
        elif answer == "h" and recording is not None:
            _hear(Clip(cue.id, cue.text, recording.samples, ClipSource.RECORDED, recording.voiced_s), settings)
        elif answer == "k" and recording is not None:
            own_recordings.save(folder, cue.id, recording.samples)
            return True
        if recording is None:
            answer = _ask("  [a]gain, [l]eave out (a):", "a")
        else:
            answer = _ask("  [k]eep, [h]ear, [a]gain, [l]eave out (k):", "k")
    return False


def _record(cue_id: str, microphone: str | None) -> CheckedRecording | None:
    """Record once; say how it was, or why it is of no use."""
    _ask("  Enter begins.", "")
    with Microphone(microphone) as opened:
        _ask("  Speak now. Enter ends.", "")
        raw = opened.samples()
    try:
        recording = recording_check.check(raw, cue_id)
    except UnusableSoundError as error:
        typer.echo(f"  That cannot be used: {error}.")
        return None
    typer.echo(" ".join([f"  {recording.voiced_s:.2f} s.", *recording.remarks]))
    return recording


def _hear(clip: Clip, settings: VoiceSettings) -> None:
    """Play a recording; without a speaker one can go on recording."""
    try:
        play_clip(clip, settings)
    except DeviceError as error:
        typer.echo(f"  {error}")


def _ask(words: str, default: str) -> str:
    """Return the first letter of an answer."""
    answer: str = typer.prompt(words, default=default, show_default=False, prompt_suffix=" ")
    return answer.strip().lower()[:1]
