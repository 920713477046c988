"""`cuecoach models`: which pose models are here, what each is worth, and how a better one comes here."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from cuecoach.cli import options
from cuecoach.cli.lines import Lines
from cuecoach.cli.tables import plain_table, print_table
from cuecoach.config import cache_folder
from cuecoach.pose.model_catalogue import HEAVY, MODELS, model_named
from cuecoach.pose.model_file import cached_fault, obtain
from cuecoach.pose.model_import import add_model

app = typer.Typer(
    no_args_is_help=True, help="Pose models: which are here, what each is worth, and how a better one comes here."
)

Which = Annotated[str, typer.Argument(help="Which model.", metavar="|".join(MODELS))]
File = Annotated[Path, typer.Argument(help="A .task bundle, a .tflite network, or npm's archive.", metavar="FILE")]


@app.command(name="list")
@options.handle_errors
def list_models(json: options.Json = False) -> None:
    """List the models there are: size, whether it is here, and what it is worth."""
    folder = cache_folder()
    faults = {name: cached_fault(model, folder) for name, model in MODELS.items()}
    if json:
        rows = [
            {"model": name, "here": not faults[name], "file": str(folder / model.file_name), "worth": model.worth}
            for name, model in MODELS.items()
        ]
        typer.echo(json_module.dumps(rows))
        return
    table = plain_table("model", "size", "here", "what it is worth", numbers=("size",))
    for name, model in MODELS.items():
        here = {"": "yes", "is missing": "no"}.get(faults[name], f"it {faults[name]}")
        table.add_row(name, f"{model.bundle_bytes / 1e6:.0f} MB", here, model.worth)
    print_table(table)
    typer.echo(f"They are kept in {folder}; `[pose] model` or --model says which is used.")
    if faults[HEAVY.name]:
        typer.echo("`cuecoach models fetch heavy` brings it; `cuecoach models add FILE` takes it from a file.")


@app.command()
@options.handle_errors
def fetch(which: Which, quiet: options.Quiet = False) -> None:
    """Fetch a model once from where Google publishes it, and check it."""
    lines = Lines(quiet=False, silent=quiet)
    model = model_named(which)
    here = not cached_fault(model, cache_folder())
    path = obtain(model, cache_folder(), lambda done, of: lines.progress(f"Pose model {model.name}", done, of))
    typer.echo(f"The {model.name} pose model is here{' already' if here else ''}: {path}")


@app.command()
@options.handle_errors
def add(file: File) -> None:
    """Take a model from a file that you have: a bundle, a landmark network, or npm's archive of @mediapipe/pose."""
    lines = Lines(quiet=False, silent=False)
    model, path = add_model(file, cache_folder(), lambda done, of: lines.progress("Pose model full", done, of))
    typer.echo(f"The {model.name} pose model is here: {path}")
