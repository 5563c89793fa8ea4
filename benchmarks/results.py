"""Measurements in a file, one a line, so that none is lost or made twice."""

import argparse
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any


class Results:
    """A JSON Lines file of measurements.

    Parameters
    ----------
    path : Path
        Created if it is not there. What a kill tore, the last line, is dropped.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else [""]
        self.records = [json.loads(line) for line in lines[:-1]]
        if lines[-1]:
            self._rewrite()

    def find(self, **wanted: Any) -> dict[str, Any] | None:
        """Return the newest record that has these values."""
        for record in reversed(self.records):
            if wanted.items() <= {key: record.get(key) for key in wanted}.items():
                return record
        return None

    def add(self, **record: Any) -> None:
        """Keep a record, with today's date."""
        self.records.append(record | {"date": date.today().isoformat()})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(self.records[-1]) + "\n")

    def drop(self, outdated: Callable[[dict], bool]) -> None:
        """Remove some records."""
        self.records = [record for record in self.records if not outdated(record)]
        self._rewrite()

    def _rewrite(self) -> None:
        part = self.path.with_suffix(".part")
        lines = [json.dumps(record) + "\n" for record in self.records]
        part.write_text("".join(lines), encoding="utf-8")
        part.replace(self.path)


class Marked:
    """The place in a text file where tables stand, between two marks.

    Parameters
    ----------
    name : str
        What is in the marks, as "tables" in ``<!-- tables: begin -->``.
    """

    def __init__(self, name: str) -> None:
        self.begin, self.end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"

    def check(self, path: Path, parser: argparse.ArgumentParser) -> None:
        """End the program if the file has no such place."""
        if self.begin not in path.read_text(encoding="utf-8"):
            parser.error(f"{path} must have the lines {self.begin.strip()} and {self.end}")

    def write(self, path: Path, tables: str) -> None:
        """Put tables there, in place of what was."""
        text = path.read_text(encoding="utf-8")
        before, after = text.split(self.begin)[0], text.split(self.end)[1]
        path.write_text(f"{before}{self.begin}\n{tables}\n{self.end}{after}", encoding="utf-8")
