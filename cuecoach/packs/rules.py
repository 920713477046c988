"""Reads what a pack takes for a fault: the order of work, what is ignored, own limits. Tables -> rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from cuecoach.gait.metrics import has_norm
from cuecoach.packs.diagnostics import Diagnostics, brief, choices, nearest
from cuecoach.packs.faults import FAULTS, Criterion, Fault, Scope
from cuecoach.packs.limits import Limit, parse_limit
from cuecoach.packs.toml_lines import Path

_CHECKED_MPS = tuple(2.0 + 0.5 * step for step in range(15))  # where limits are compared: 2 to 9 m/s


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """What a pack judges: `order` is worked on, `ignored` is left alone, `faults` are both in the pack's own limits."""

    order: tuple[str, ...]
    ignored: dict[str, str]
    faults: tuple[Fault, ...]

    @property
    def companions(self) -> tuple[Fault, ...]:
        """Faults judged only because another one counts together with them."""
        wanted = {other for rule in self.faults for other in rule.only_with} - {rule.id for rule in self.faults}
        return tuple(FAULTS[fault] for fault in FAULTS if fault in wanted)


def read_rules(diagnostics: Diagnostics, tables: Mapping[str, Any]) -> Rules:
    """Return the rules of a pack's tables; what is wrong goes to `diagnostics`."""
    order = _focus_order(diagnostics, tables)
    ignored = _ignored(diagnostics, tables, order)
    own = diagnostics.table(tables, "faults", ())
    for fault in own:
        is_fault(diagnostics, fault, (*order, *ignored), ("faults", fault), "is neither in focus_order nor ignored")
    return Rules(order, ignored, tuple(_rule(diagnostics, FAULTS[fault], own) for fault in (*order, *ignored)))


def is_fault(diagnostics: Diagnostics, fault: str, allowed: Iterable[str], path: Path, otherwise: str) -> bool:
    """Return whether `fault` is one of `allowed`; if not, note whether it exists at all."""
    if fault in tuple(allowed):
        return True
    wrong = otherwise if fault in FAULTS else f"= {fault!r} is not a fault{nearest(fault, FAULTS)}"
    diagnostics.add(path, wrong, fault)
    return False


def _focus_order(diagnostics: Diagnostics, tables: Mapping[str, Any]) -> tuple[str, ...]:
    order: list[str] = []
    path: Path = ("focus_order",)
    for fault in diagnostics.items(tables, "focus_order", str, "faults"):
        if fault in order:
            diagnostics.add(path, f"names {fault!r} twice", fault)
        elif is_fault(diagnostics, fault, FAULTS, path, ""):
            order.append(fault)
    if tables.get("focus_order") == []:
        diagnostics.add(path, "is empty; name at least one fault")
    return tuple(order)


def _ignored(diagnostics: Diagnostics, tables: Mapping[str, Any], order: tuple[str, ...]) -> dict[str, str]:
    ignored: dict[str, str] = {}
    for fault, why in diagnostics.table(tables, "ignored_faults", ()).items():
        path: Path = ("ignored_faults", fault)
        if not is_fault(diagnostics, fault, FAULTS, path, ""):
            continue
        if fault in order:
            diagnostics.add(path, "is in focus_order too; a fault is either worked on or ignored")
        elif not isinstance(why, str) or not why.strip():
            diagnostics.add(path, f"= {brief(why)} must say why the fault is left alone")
        else:
            ignored[fault] = " ".join(why.split())
    return ignored


def _rule(diagnostics: Diagnostics, fault: Fault, own: Mapping[str, Any]) -> Fault:
    """Return the catalogue's rule with the pack's own limits in it."""
    path: Path = ("faults", fault.id)
    table = diagnostics.table(own, fault.id, ("faults",))
    diagnostics.known(table, path, ("needed", "only_with", "limits"))
    limits = diagnostics.table(table, "limits", path)
    for metric in limits:
        if metric not in fault.metrics:
            hint = nearest(metric, fault.metrics) or choices(fault.metrics)
            diagnostics.add((*path, "limits", metric), f"is not a metric of this fault{hint}")
    criteria = tuple(_criterion(diagnostics, fault, criterion, limits) for criterion in fault.criteria)
    needed = table.get("needed", fault.needed)
    if isinstance(needed, bool) or not isinstance(needed, int) or not 1 <= needed <= len(criteria):
        diagnostics.add((*path, "needed"), f"= {brief(needed)} must be a whole number from 1 to {len(criteria)}")
        needed = fault.needed
    only_with = table.get("only_with", list(fault.only_with))
    if not isinstance(only_with, list) or any(name not in FAULTS or name == fault.id for name in only_with):
        diagnostics.add((*path, "only_with"), f"= {brief(only_with)} must be a list of other faults; [] for none")
        only_with = []
    return dataclasses.replace(fault, criteria=criteria, needed=needed, only_with=tuple(only_with))


def _criterion(diagnostics: Diagnostics, fault: Fault, criterion: Criterion, limits: Mapping[str, Any]) -> Criterion:
    if criterion.also:
        criterion = dataclasses.replace(criterion, also=_criterion(diagnostics, fault, criterion.also, limits))
    if criterion.metric not in limits:
        return criterion
    path: Path = ("faults", fault.id, "limits", criterion.metric)
    direction = "above" if criterion.above else "below"
    table = limits[criterion.metric]
    if not isinstance(table, dict) or direction not in table:
        diagnostics.add(path, f'= {brief(table)} must be a table like {{ {direction} = "norm - 12" }}')
        return criterion
    diagnostics.known(table, path, (direction, "release"))
    limit = _limit(diagnostics, table[direction], (*path, direction))
    release = _limit(diagnostics, table["release"], (*path, "release")) if "release" in table else None
    if limit is None or (release is None and "release" in table):
        return criterion
    by_norm = fault.scope is not Scope.PAIR and has_norm(criterion.metric)
    if not by_norm and (limit.uses_norm or (release is not None and release.uses_norm)):
        diagnostics.add(path, "has no norm by speed; give plain numbers or a table by speed")
    elif release is None and not limit.uses_norm:
        diagnostics.add(path, "needs `release` too, the limit of being well again, for it does not follow from a norm")
    elif release is not None and _outside(release, limit, criterion):
        side = "below" if criterion.above else "above"
        diagnostics.add((*path, "release"), f"= {release} must lie {side} {limit}, nearer to what is good")
    return dataclasses.replace(criterion, limit=limit, release=release)


def _limit(diagnostics: Diagnostics, value: object, path: Path) -> Limit | None:
    try:
        return parse_limit(value)
    except ValueError as error:
        diagnostics.add(path, f"= {error}")
        return None


def _outside(release: Limit, limit: Limit, criterion: Criterion) -> bool:
    """Whether the limit of being well again lies beyond the limit of the fault at any speed."""
    for mps in _CHECKED_MPS:
        gap = release.at(criterion.metric, mps) - limit.at(criterion.metric, mps)
        if gap > 0 if criterion.above else gap < 0:
            return True
    return False
