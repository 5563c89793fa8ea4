"""The house: every file has its floor, imports run downward, and no room is too large."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

import hpo_helpers

PACKAGE = Path(hpo_helpers.__file__).parent
ROOT = PACKAGE.parent

# From the ground up. A file imports only from lines above its own, inside functions and for types too.
FLOORS = """
_version checks
distributions pruners models models.kernels
trees evaluation models.acquisition models.hyperparameters
models.parzen_coordinates
spaces models.marginal_likelihood models.parzen
trials models.posterior
hyperopt journal_lines workers samplers models.gaussian_process
journal samplers.grid samplers.rows
samplers.cube samplers.random
samplers.improvement
samplers.gaussian_process samplers.tpe
recommendation samplers.default samplers.repeat
search
loop
plots.colors
plots.drawing
plots.search
plots
course.claims course.gaussian course.hyperopt_sampler course.importance course.network_checks course.widgets
course.figures
course.training
course.datasets
course course.acquisition course.networks
course.objectives course.races course.stand_ins
course.plots.designs course.plots.gaussian course.plots.importance course.plots.knobs
course.plots.parallel_coordinates course.plots.parzen
course.plots.regression course.plots.searches course.plots.values course.plots.winners
course.plots.acquisition course.plots.lines
course.plots
course.article course.hyperopt_rules course.quasi_random course.recordings
hpo_helpers
"""
FLOOR = {name: floor for floor, names in enumerate(FLOORS.split("\n")) for name in names.split()}
# Of what lies below them, these rooms may know no more than this.
MAY_KNOW = {
    "models": {"checks", "models"},
    "plots": {"checks", "distributions", "spaces", "trials", "plots"},
}


def module(path):
    """The name of a file's module within the package; that of the package itself is hpo_helpers."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "hpo_helpers"


FILES = {module(path): path for path in PACKAGE.rglob("*.py")}


def source(name):
    """The syntax tree of a module, with that of its stub, which is what a package imports lazily."""
    path = FILES[name]
    stub = path.with_suffix(".pyi")
    return ast.parse(path.read_text("utf-8") + (stub.read_text("utf-8") if stub.exists() else ""))


def imports(name, tree):
    """Yield the modules of the package that the import statements of a module name."""
    inside = [] if name == "hpo_helpers" else name.split(".")
    if FILES[name].name != "__init__.py":
        inside = inside[:-1]
    for node in ast.walk(tree):
        found = []
        if isinstance(node, ast.ImportFrom):
            start = ["hpo_helpers", *inside[: len(inside) - node.level + 1]] if node.level else []
            start += node.module.split(".") if node.module else []
            found = [[*start, alias.name] for alias in node.names]
        elif isinstance(node, ast.Import):
            found = [alias.name.split(".") for alias in node.names]
        for package, *parts in found:
            if package == "hpo_helpers":
                while parts and ".".join(parts) not in FILES:
                    parts.pop()
                yield ".".join(parts) or "hpo_helpers"


def graph():
    return {name: set(imports(name, source(name))) for name in FILES}


def test_every_file_has_one_floor():
    assert sorted(FLOORS.split()) == sorted(FILES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_imports_only_run_downward(name):
    below = {other for other in FLOOR if FLOOR[other] < FLOOR[name]}
    room = name.split(".")[0]
    if room in MAY_KNOW:
        below = {other for other in below if other.split(".")[0] in MAY_KNOW[room]}
    assert set(imports(name, source(name))) <= below


@pytest.mark.parametrize(
    ("name", "code", "found"),
    [
        ("samplers.tpe", "from ..spaces import Space", {"spaces"}),
        ("samplers.tpe", "from . import Sampler, grid", {"samplers", "samplers.grid"}),
        ("samplers", "from .grid import GridSampler", {"samplers.grid"}),
        ("hpo_helpers", "from .search import Search", {"search"}),
        ("trials", "from . import __version__", {"hpo_helpers"}),
        ("trials", "def f():\n    from .search import Search", {"search"}),
        ("trials", "if TYPE_CHECKING:\n    import hpo_helpers.search", {"search"}),
        ("course.plots.knobs", "from ...plots.colors import COLORS", {"plots.colors"}),
        ("trials", "import pandas\nfrom numpy import array", set()),
    ],
)
def test_an_import_is_seen_wherever_it_stands(name, code, found):
    assert set(imports(name, ast.parse(code))) == found


def test_the_table_of_contributing_shows_these_floors():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| *(\d+|beside|wing) *\| *(.*?) *\|", text, re.M)
    assert [floor for floor, _ in rows] == ["wing", "beside", *map(str, reversed(range(len(rows) - 2)))]
    row = {room: -k for k, (_, rooms) in enumerate(rows) for room in re.findall(r"`(\w+)(?:\.py|/)`", rooms)}
    assert set(row) == {name.split(".")[0] for name in FILES} - {"hpo_helpers"}
    for name, known in graph().items():
        rooms = {other.split(".")[0] for other in known}
        assert name == "hpo_helpers" or all(row[other] <= row[name.split(".")[0]] for other in rooms)


# ---------------------------------------------------------------- sizes


def code_lines(path):
    """The number of a file's lines that hold code: no docstrings, comments or blanks."""
    text = path.read_text("utf-8")
    docstrings = set()
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node) is not None
        ):
            docstrings.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.string.strip() and token.type != tokenize.COMMENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstrings)


def test_lines_of_code_are_counted(tmp_path):
    path = tmp_path / "some.py"
    lines = ['"""Doc."""', "", "# comment", "x = (", "    1,", ")  # here", "", "def f():"]
    lines += ['    """Doc', "    more.", '    """', "    return 1", ""]
    path.write_text("\n".join(lines))
    assert code_lines(path) == 5


def test_the_library_and_the_benchmarks_are_small():
    library = sum(code_lines(path) for name, path in FILES.items() if not name.startswith("course"))
    assert library <= 2500
    assert sum(map(code_lines, (ROOT / "benchmarks").glob("*.py"))) <= 800


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_module_is_over_250_lines_and_no_function_longer_than_a_screen(name):
    text = FILES[name].read_text("utf-8")
    assert len(text.splitlines()) <= 250
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 50, node.name
