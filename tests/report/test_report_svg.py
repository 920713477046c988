"""Drawings: scales and ranges, and texts that cannot break out of them."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from cuecoach.report.svg import Scale, SvgDrawing, running_median, thinned, value_range


def test_a_scale_is_linear_and_its_ticks_are_round() -> None:
    scale = Scale(10.0, 30.0, 200.0, 0.0)
    assert [scale(value) for value in (10.0, 20.0, 30.0)] == [200.0, 100.0, 0.0]
    assert scale.all(np.array([15.0, 25.0])).tolist() == [150.0, 50.0]
    assert scale.ticks(4) == [10.0, 15.0, 20.0, 25.0, 30.0]
    assert Scale(0.0, 0.7, 0.0, 1.0).ticks(4) == pytest.approx([0.0, 0.2, 0.4, 0.6])


def test_a_scale_without_range_does_not_fail() -> None:
    assert Scale(5.0, 5.0, 0.0, 100.0)(5.0) == 0.0


def test_a_range_holds_all_values_and_is_never_too_small() -> None:
    assert value_range([1.0, math.nan, 3.0], [2.0, math.inf]) == pytest.approx((0.88, 3.12))
    assert value_range([10.0, 10.2], least=20.0) == pytest.approx((10.1 - 10.012, 10.1 + 10.012))
    assert value_range([4.0]) == (3.0, 5.0)
    assert value_range([math.nan]) == (0.0, 1.0)


def test_a_running_median_needs_a_third_of_its_values() -> None:
    values = np.array([1.0, 9.0, 2.0, math.nan, math.nan, math.nan, math.nan])
    found = running_median(values, 5)
    assert found[0] == 2.0  # of the first three
    assert np.isnan(found[-1])
    assert running_median(np.arange(9.0), 3).tolist() == [0.5, *np.arange(1.0, 8.0), 7.5]


def test_a_line_is_thinned_to_about_as_many_points() -> None:
    x, y = thinned(np.arange(1000.0), np.arange(1000.0) * 2, 300)
    assert len(x) == 250
    assert y.tolist() == (2 * x).tolist()


def test_a_line_breaks_where_a_value_is_missing() -> None:
    drawing = SvgDrawing(10, 10, "a line")
    drawing.curve(np.arange(4.0), np.array([1.0, math.nan, 3.0, 4.0]), "left")
    assert 'd="M0 1M2 3L3 4"' in str(drawing)


def test_texts_are_escaped_and_drawings_are_not() -> None:
    drawing = SvgDrawing(10, 10, "</title><script>")
    drawing.text(1, 2, '<b>&"', "small")
    root = ET.fromstring(str(drawing))  # noqa: S314 - our own text
    assert [element.text for element in root] == ["</title><script>", '<b>&"']
    assert drawing.__html__() == str(drawing)
