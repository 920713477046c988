"""`cuecoach voices`: which speech there is, and how it sounds."""

from __future__ import annotations

import dataclasses
import json as json_module
from typing import Annotated

import typer
from rich.table import Table

from cuecoach import config
from cuecoach.cli import options
from cuecoach.cli.tables import print_table
from cuecoach.voice.speech.preview import list_voices, preview


@options.handle_errors
def voices(
    language: Annotated[str | None, typer.Option(help="Only voices of this language, as in en or de.")] = None,
    say: Annotated[str | None, typer.Option(help="Words to try, on the sound device.", metavar="TEXT")] = None,
    voice: Annotated[str | None, typer.Option(help="Voice to try, by id or name.", metavar="NAME")] = None,
    rate: Annotated[int | None, typer.Option(help="Words per minute to try.", min=80, max=300)] = None,
    config_file: options.Config = None,
    json: options.Json = False,
) -> None:
    """List the speech engine's voices, or try one: --say "pull under" --voice NAME --rate 170.

    What you like goes into the config file as [voice] voice and rate_wpm.
    """
    settings = config.load(config_file).voice
    settings = dataclasses.replace(settings, voice=voice or settings.voice, rate_wpm=rate or settings.rate_wpm)
    if say is not None:
        typer.echo(preview(say, language or "en", settings))
        return
    engine, found = list_voices(settings, language)
    if json:
        typer.echo(json_module.dumps({"engine": engine, "voices": [dataclasses.asdict(one) for one in found]}))
        return
    table = Table("id", "name", "languages", title=engine, title_justify="left", box=None, pad_edge=False)
    for one in found:
        table.add_row(one.id, one.name, ", ".join(one.languages))
    print_table(table)
