"""What the sections of the page show, and where they leave something out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from cuecoach.analysis.summary import BlockSummary, Summary
from cuecoach.journal.records import EventRow
from cuecoach.report import sections
from cuecoach.report.data import ReportData, gather
from cuecoach.types import EventKind, Side


@pytest.fixture(scope="module")
def data(journal: Path) -> ReportData:
    return gather(journal, 1)


def with_summary(data: ReportData, **changes: object) -> ReportData:
    summary: Summary = dataclasses.replace(data.summary, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(data, session=dataclasses.replace(data.session, summary=summary))


def test_blocks_of_less_than_half_a_minute_are_left_out(data: ReportData) -> None:
    first = data.summary.faults[0].blocks[0]
    faults = tuple(dataclasses.replace(fault, blocks=(first,) * 3) for fault in data.summary.faults)
    blocks = (
        BlockSummary("long", 0.0, 30.0, 0.5, 1),
        BlockSummary("short", 30.0, 59.9, 0.5, 0),
        BlockSummary("still", 60.0, 120.0, 0.0, 0),
    )
    found = sections.worked_on(with_summary(data, blocks=blocks, faults=faults))
    assert [row[:4] for row in found.blocks] == [["long", "0.5", "1", "2.00"], ["still", "0.0", "0", ""]]
    assert all(len(row) == len(found.header) for row in found.blocks)


def test_two_faults_are_drawn_at_most_and_one_when_none_was_cued(data: ReportData) -> None:
    other_ids = ("lazy-heel", "overstride", "flick")
    leg = data.summary.faults[0]
    cued = tuple(dataclasses.replace(leg, fault=fault, said=1) for fault in other_ids)
    assert len(sections.worked_on(with_summary(data, faults=cued)).charts) == 2
    never = tuple(dataclasses.replace(fault, said=0, held_back=0) for fault in cued)
    assert len(sections.worked_on(with_summary(data, faults=never)).charts) == 1
    assert sections.worked_on(with_summary(data, faults=())).charts == []


@pytest.mark.parametrize(("difference_deg", "stands_out"), [(4.9, False), (5.1, True), (-5.1, True)])
def test_a_difference_of_more_than_five_degrees_stands_out(
    data: ReportData, difference_deg: float, stands_out: bool
) -> None:
    strides = [
        dataclasses.replace(
            stride,
            metrics={**stride.metrics, "thigh_max_deg": 40.0 + (difference_deg if stride.side is Side.LEFT else 0.0)},
        )
        for stride in data.session.strides
    ]
    legs = sections.compared_legs(dataclasses.replace(data, session=dataclasses.replace(data.session, strides=strides)))
    (row,) = [row for row in legs if row.metric == "knee drive"]
    assert (row.right, row.stands_out) == ("40°", stands_out)


def test_one_leg_alone_is_not_compared(data: ReportData) -> None:
    left = [stride for stride in data.session.strides if stride.side is Side.LEFT]
    assert (
        sections.compared_legs(dataclasses.replace(data, session=dataclasses.replace(data.session, strides=left))) == []
    )


def test_what_was_not_seen_is_remarked(data: ReportData) -> None:
    unseen = with_summary(data, speed_mps=float("nan"), unmeasured={"flight_s": 0.75}, pack_problem="line 1 is odd")
    remarks = " ".join(sections.quality(unseen).remarks)
    for part in ("flight (75 %)", "speed was not known", "cannot be read any more: line 1 is odd"):
        assert part in remarks
    usual = " ".join(sections.quality(data).remarks)
    assert "speed was not known" not in usual
    assert "Missing" not in usual


def test_the_first_five_notices_are_shown(data: ReportData) -> None:
    events = tuple(EventRow(60.0 * number, EventKind.NOTICE, f"notice {number}") for number in range(7))
    record = dataclasses.replace(data.session.record, events=(EventRow(1.0, EventKind.COMMAND, "mute"), *events))
    noticed = dataclasses.replace(data, session=dataclasses.replace(data.session, record=record))
    remarks = sections.quality(noticed).remarks
    assert [remark for remark in remarks if "notice" in remark][-1] == "At 4 min: notice 4"
    assert not any("mute" in remark for remark in remarks)
