"""Writes the report of a session: one HTML page with everything inside, no script, no request.

The layout and the fixed texts are in `templates/`, the first screen in `answers.py`, the drawings in `session_chart.py`
and `charts.py`, and what the other sections show in `sections.py`.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from cuecoach.errors import DeviceError
from cuecoach.gait.speed_units import SpeedUnit
from cuecoach.report import charts, sections
from cuecoach.report.answers import answers
from cuecoach.report.data import ReportData, gather


def write(path: Path, number: int, out: Path, speed_unit: SpeedUnit = SpeedUnit.M_PER_S) -> Path:
    """Write the page of a session, speeds in this unit, and return its path; its folder is made.

    Raises
    ------
    InputError
        There is no such session, or no journal.
    DeviceError
        The page cannot be written, or the journal cannot be read.
    """
    text = render(gather(path, number, speed_unit))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeviceError(
            f"{out} cannot be written ({error.strerror or error}); give another place with --out."
        ) from error
    return out


def render(data: ReportData) -> str:
    """Return the page as text."""
    summary = data.summary
    row = summary.row
    return (
        _templates()
        .get_template("page.html")
        .render(
            title=f"Session {row.id}, {row.started_at[:10]}" + (f", {row.runner}" if row.runner else ""),
            heading=(f"{row.runner}: running" if row.runner else "Running") + f" session {row.id}",
            row=row,
            facts=sections.facts(summary, data.speed_unit),
            answers=answers(summary, data.pooled, data.pooled_sessions),
            worked_on=sections.worked_on(data),
            effects=sections.effects(data),
            trend=sections.trend(data),
            swing=sections.swing(data),
            legs=sections.compared_legs(data),
            near=next((side for side, leg in summary.legs.items() if leg.is_near), None),
            quality=sections.quality(data),
            silence=charts.reasons(summary.withheld),
            pack=summary.pack,
            numbers=summary.as_dict(),
        )
    )


def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("cuecoach.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return templates
