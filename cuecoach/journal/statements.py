"""Small SQL statements that several files here use, and the cause of a failed one as text for the user."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from cuecoach.journal.file import error_name


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    """Insert one row, by column; return its rowid."""
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    done = connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
    return int(done.lastrowid or 0)


def update(connection: sqlite3.Connection, table: str, changes: Mapping[str, Any], found: Mapping[str, Any]) -> int:
    """Set `changes` where all of `found` holds; return how many rows there were."""
    sets = ", ".join(f"{name} = ?" for name in changes)
    where = " AND ".join(f"{name} = ?" for name in found)
    values = (*changes.values(), *found.values())
    return connection.execute(f"UPDATE {table} SET {sets} WHERE {where}", values).rowcount  # noqa: S608


def cause(problem: sqlite3.Error) -> str:
    """Return why a statement failed, in words for the user."""
    name = error_name(problem)
    if name == "SQLITE_FULL":
        return "the disk is full"
    if name.startswith("SQLITE_READONLY"):
        return "it became read-only"
    if name.startswith("SQLITE_BUSY"):
        return "another program holds it"
    return str(problem)
