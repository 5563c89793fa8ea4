"""The package's front door: names, what they cost, and what editors and type checkers see of them."""

import ast
import doctest
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import jedi
import pytest

import hpo_helpers

PACKAGE = Path(hpo_helpers.__file__).parent
SLOW = {"tensorflow", "keras", "hyperopt", "pandas", "scipy.stats", "matplotlib", "sklearn", "loky"}
PACKAGES = ["hpo_helpers", "hpo_helpers.plots", "hpo_helpers.course", "hpo_helpers.course.plots"]


def fresh(code):
    """Run code in a new process and return what it prints."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=PACKAGE.parent, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_can_be_imported(package):
    package = import_module(package)
    assert len(package.__all__) == len(set(package.__all__)) > 0
    for name in package.__all__:
        public = getattr(package, name)
        assert name == "COLORS" or (public.__name__ == name and public.__doc__)
        assert name in dir(package)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="No hpo_helpers attribute maximize"):
        _ = hpo_helpers.maximize


def test_importing_the_package_imports_nothing_slow():
    loaded = set(fresh("import sys, hpo_helpers; print(*sys.modules)").split())
    assert (SLOW | {"numpy", "scipy", "tqdm"}).isdisjoint(loaded)


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
    assert SLOW.isdisjoint(fresh(code).split())


# ---------------------------------------------------------------- what editors and type checkers see


def names_for_checkers(package):
    """The names that a package imports in what checkers read of it, each with its home."""
    path = Path(import_module(package).__file__)
    stub = path.with_suffix(".pyi")
    tree = ast.parse((stub if stub.exists() else path).read_text("utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 1]
    # In a stub, a checker takes `import a as a` for public, and `import a` for the stub's own.
    return {a.name: node.module for node in found for a in node.names if a.asname or not stub.exists()}


@pytest.mark.parametrize("package", PACKAGES)
def test_checkers_see_the_names_that_are_there(package):
    seen = names_for_checkers(package)
    assert set(seen) == set(import_module(package).__all__)
    for name, home in seen.items():
        assert vars(import_module(f"{package}.{home}"))[name] is getattr(import_module(package), name)


def kinds(completions, package):
    return {one.name: one.type for one in completions if one.name in import_module(package).__all__}


@pytest.mark.parametrize("package", PACKAGES)
def test_completion_shows_every_name_with_its_kind(package):
    project = jedi.Project(PACKAGE.parent)
    found = kinds(jedi.Script(f"import {package}\n{package}.", project=project).complete(), package)
    assert found.keys() == set(import_module(package).__all__)
    for name in found.keys() - {"COLORS"}:
        public = getattr(import_module(package), name)
        assert found[name] == ("class" if isinstance(public, type) else "function"), name


def test_completion_in_a_notebook_knows_signatures():
    code = "hpo_helpers.minimize("
    (signature,) = jedi.Interpreter(code, [{"hpo_helpers": hpo_helpers}]).get_signatures()
    names = [parameter.name for parameter in signature.params]
    assert names[:2] == ["objective", "space"] and "sampler" in names


# ---------------------------------------------------------------- examples

EXAMPLES = [path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text("utf-8")]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_in_docstrings_do_what_they_say(path):
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    assert doctest.testmod(import_module(name)).failed == 0
