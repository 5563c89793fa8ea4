"""The package's front door: names, cost, and imports that only run downward."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import hpo_helpers

PACKAGE = Path(hpo_helpers.__file__).parent
SLOW = {"tensorflow", "keras", "pandas", "scipy.stats", "matplotlib", "sklearn", "tqdm"}

# A file imports only from floors below its own; trials.py shares its floor with what reads trials.
FLOORS = {
    "_lazy": 0,
    "distributions": 0,
    "models": 1,
    "spaces": 1,
    "trials": 2,
    "journal": 2,
    "hyperopt_bridge": 2,
    "samplers": 3,
    "search": 4,
    "recordings": 5,
}
# These stand beside the house: they may import from it and from each other, and it not from them.
BESIDE = {"plots", "datasets", "networks", "training"}


def fresh(code):
    """Run code in a new process and return what it prints."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=PACKAGE.parent, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("name", hpo_helpers.__all__)
def test_every_public_name_can_be_imported(name):
    public = getattr(hpo_helpers, name)
    assert public.__name__ == name and public.__doc__
    assert name in dir(hpo_helpers)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'hpo_helpers' has no attribute 'maximize'"):
        _ = hpo_helpers.maximize


def test_importing_the_package_imports_nothing_slow():
    loaded = fresh("import sys, hpo_helpers; print(*sys.modules)").split()
    assert SLOW.isdisjoint(loaded)


def test_importing_the_package_takes_less_than_half_a_second():
    code = (
        "from time import perf_counter; start = perf_counter(); "
        "import hpo_helpers; print(perf_counter() - start)"
    )
    assert min(float(fresh(code)) for _ in range(5)) < 0.5


def test_a_random_search_imports_nothing_slow():
    code = (
        "import sys; from hpo_helpers import RandomSampler, Uniform, minimize; "
        "minimize(abs, Uniform(-1, 1), sampler=RandomSampler(), n_trials=2, progress=False); "
        "print(*sys.modules)"
    )
    assert (SLOW - {"tqdm"}).isdisjoint(fresh(code).split())


def imports(path):
    """Yield the top module of the package that each import statement in a file names."""
    module = path.relative_to(PACKAGE.parent).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            origin = (*module[: -node.level], *(node.module or "").split("."))
            full = origin if node.level else tuple(node.module.split("."))
            names = [(*filter(None, full), alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        else:
            continue
        for name in names:
            if name[0] == "hpo_helpers" and len(name) > 1:
                yield name[1]


MODULES = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_run_downward(path):
    home = path.relative_to(PACKAGE).with_suffix("").parts[0]
    if home in BESIDE:
        return
    allowed = {name for name, floor in FLOORS.items() if floor < FLOORS[home]}
    allowed |= BESIDE if FLOORS[home] == 5 else set()
    allowed |= {home, "__version__"}
    allowed |= {"trials", "journal", "hyperopt_bridge"} if FLOORS[home] == 2 else set()
    assert set(imports(path)) <= allowed
