"""Compare our samplers with hyperopt's and Optuna's, and with themselves less an ingredient.

Every measurement is kept at once: a run that was stopped, with Ctrl-C or otherwise, goes on where it was,
and what is there is not measured again. Peers take part if they are installed.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import warnings
from pathlib import Path

import ablations
import overhead
import parallel
import regret
import tables
from contestants import CONTESTANTS
from results import Results

from hpo_helpers.course.figures import use_style

HERE = Path(__file__).resolve().parent
PARTS = {part.__name__: part for part in (regret, tables, overhead, ablations, parallel)}


def read_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    add, number = parser.add_argument, {"type": int, "metavar": "N"}
    add("parts", nargs="+", choices=PARTS, metavar="PART", help=f"what to measure: {', '.join(PARTS)}")
    add("--seeds", default=20, **number, help="searches of each sampler on each problem (default 20)")
    add("--trials", default=100, **number, help="trials of a search (default 100)")
    add("--rounds", default=5, **number, help="rounds in which suggestions are timed (default 5)")
    past = [20, 50, 100, 200, 500, 1000]
    add("--past", nargs="+", default=past, **number, help="past trials at which suggestions are timed")
    add("--only", nargs="+", default=[], metavar="NAME", help="measure no more than these (default all)")
    add("--again", nargs="+", default=[], metavar="NAME", help="forget these, and measure them anew")
    place = {"type": Path, "default": HERE / "results", "metavar": "FOLDER"}
    add("--results", **place, help="where measurements are kept (default benchmarks/results)")
    write = "put tables between the marks of this file, figures beside it (default benchmarks/README.md)"
    add("--write", type=Path, nargs="?", const=HERE / "README.md", metavar="FILE", help=write)
    options = parser.parse_args(arguments)
    names = {name for part in options.parts for name in PARTS[part].NAMES}
    for name in (*options.only, *options.again):
        if name not in names:
            parser.error(f"{name} is none of {', '.join(sorted(names))}")
    for part in options.parts if options.write else ():
        if any(mark not in options.write.read_text(encoding="utf-8") for mark in marks(part)):
            parser.error(f"{options.write} must have the lines {' and '.join(marks(part))}")
    return options


def marks(part: str) -> tuple[str, str]:
    """Return the lines between which a part's tables stand."""
    return f"<!-- {part}: begin -->", f"<!-- {part}: end -->"


def table_in(text: str, part: str) -> str:
    """Return what stands between the marks."""
    begin, end = marks(part)
    return text.split(begin)[1].split(end)[0].strip()


def write(path: Path, part: str, tables: str) -> None:
    """Put tables between the marks, in place of what was there."""
    text, (begin, end) = path.read_text(encoding="utf-8"), marks(part)
    before, after = text.split(begin)[0], text.split(end)[1]
    path.write_text(f"{before}{begin}\n\n{tables}\n\n{end}{after}", encoding="utf-8")


def run(part: str, options: argparse.Namespace) -> None:
    """Measure what is missing, print the tables, and write them if asked to."""
    module, results = PARTS[part], Results(options.results / f"{part}.jsonl.gz")
    if options.again:
        results.forget(options.again)
    names, stopped = [name for name in module.NAMES if name in (options.only or module.NAMES)], False
    try:
        module.measure(results, names, options)
    except KeyboardInterrupt:
        stopped = True
    results.pack()
    tables = module.report(results)
    print(tables)
    if options.write:
        write(options.write, part, tables)
        if results.records and hasattr(module, "PICTURE"):
            module.draw(results, options.write.with_name(module.PICTURE))
    if stopped:
        raise SystemExit("Stopped; the same command without --again goes on.")


def main(arguments: list[str] | None = None) -> None:
    """Run the parts."""
    options = read_arguments(arguments)
    use_style()
    for contestant in CONTESTANTS.values():
        if contestant.missing:
            print(f"{contestant.title} is left out; it needs: pip install {' '.join(contestant.missing)}")
    with warnings.catch_warnings(action="ignore"):
        for part in options.parts:
            run(part, options)


if __name__ == "__main__":
    main()
