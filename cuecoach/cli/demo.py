"""`cuecoach demo`: the virtual runner through the real loop."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.lines import Lines, print_summary
from cuecoach.film.output_path import check_place
from cuecoach.session import assembly
from cuecoach.source.virtual_runner import VirtualSource
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.sound_report import device_available

# A real session waits a minute before its first cue and forty seconds for an answer; a demo has one minute in all.
DEMO_WARM_UP_S = 8.0
DEMO_REFRACTORY_S = 14.0
DEMO_REFRACTORY_STEPS = 36
DEMO_REFILL_S = 15.0


@options.handle_errors
def demo(
    fault: Annotated[
        str, typer.Option(help="What the virtual runner does wrong; `none` for a clean one.", metavar="FAULT")
    ] = "lazy-heel",
    seconds: Annotated[float, typer.Option(help="How long it runs.", min=5.0, max=3600.0)] = 60.0,
    pack: options.Pack = None,
    speed: options.Speed = None,
    view: options.View = None,
    audio_out: options.AudioOut = None,
    render: options.Render = None,
    journal: options.JournalFile = None,
    fast: Annotated[bool, typer.Option("--fast", help="As fast as it goes, even where there is a speaker.")] = False,
    config_file: options.Config = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Watch the whole loop work: a drawn runner with a fault hears the cues and answers them.

    Everything behind the drawing is real: MediaPipe finds the runner, strides are measured, the pack decides, the cue
    is spoken. With a speaker it runs at its own pace; without one as fast as it goes, and the sound goes to a file.
    The waits between cues are shorter than in a real session, so that one minute shows several.
    """
    if render:
        check_place("--render", render)
    settings = config.load(config_file)
    settings = options.override(settings, pack=pack, view=view, journal=journal)
    virtual_runner = _virtual_runner(settings.virtual_runner, fault, seconds, speed)
    settings = options.override(settings, speed_mps=virtual_runner.speed_mps)
    coach = dataclasses.replace(
        settings.coach,
        warmup_inhibit_s=DEMO_WARM_UP_S,
        cue_refractory_s=DEMO_REFRACTORY_S,
        cue_refractory_steps=DEMO_REFRACTORY_STEPS,
        bucket_refill_s=DEMO_REFILL_S,
    )
    nobody = dataclasses.replace(settings.session, runner="")  # the virtual runner is none of the user's runners
    settings = dataclasses.replace(settings, session=nobody, coach=coach, virtual_runner=virtual_runner)
    paced = device_available() and not fast
    lines = Lines(quiet, silent=json)
    interrupt = options.Interrupt()
    request = assembly.Request(
        lambda: VirtualSource(virtual_runner, realtime=paced), audio_out, render, interrupt.watch
    )
    counts = assembly.run(request, settings, [lines.tell], lines.progress)
    print_summary(counts, json, options.written(config.journal_path(settings), audio_out, render))
    interrupt.exit_if_hit()


def _virtual_runner(
    configured: VirtualRunnerSettings, fault: str, seconds: float, speed_mps: float | None
) -> VirtualRunnerSettings:
    """Return the configured virtual runner with what the command line says of it (raises InputError)."""
    table: dict[str, object] = {"faults": [fault], "duration_s": seconds}
    if speed_mps is not None:
        table["speed_mps"] = speed_mps
    checked = config.fill(VirtualRunnerSettings, table, "command line", "virtual_runner")
    return dataclasses.replace(configured, **{key: getattr(checked, key) for key in table})
