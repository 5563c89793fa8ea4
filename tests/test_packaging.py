"""The package that `python -m build` makes: what is in it, and that it works far from the checkout."""

import email
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

import hpo_helpers

ROOT = Path(hpo_helpers.__file__).parents[1]
PACKED = ("hpo_helpers", "pyproject.toml", "README.md", "LICENSE")

USER = """\
from hpo_helpers import Choice, LogUniform, RandomSampler, Sampler, Search, Trials, Uniform, minimize
from hpo_helpers.plots import plot_history

space = {"x": Uniform(-1, 1), "f": Choice(["relu", None])}
sampler: Sampler = RandomSampler()
trials = minimize(lambda c: c["x"] ** 2, space, sampler=sampler, n_trials=3, seed=0, progress=False)
"""


def run(*command, cwd, code=0):
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A source distribution and a wheel, built from a copy of the checkout without the network."""
    tree = tmp_path_factory.mktemp("tree")
    for name in PACKED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tree / name)
    (tree / "tests").mkdir()
    (tree / "benchmarks").mkdir()
    for room in ("tests", "benchmarks"):
        (tree / room / "__init__.py").touch()
    run(sys.executable, "-m", "build", "--no-isolation", tree, "--outdir", tree / "dist", cwd=tree)
    (wheel,), (source,) = (list((tree / "dist").glob(kind)) for kind in ("*.whl", "*.tar.gz"))
    return source, wheel


@pytest.fixture(scope="module")
def python(packages, tmp_path_factory):
    """The interpreter of a new environment with the wheel, and this one's libraries behind it."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    scheme = {"base": folder, "platbase": folder, "installed_base": folder}
    python = Path(sysconfig.get_path("scripts", "venv", scheme)) / Path(sys.executable).name
    run(python, "-m", "pip", "install", "--no-index", "--no-deps", packages[1], cwd=folder)
    site = Path(sysconfig.get_path("purelib", "venv", scheme))
    (site / "behind.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def test_the_wheel_has_the_library_and_nothing_else(packages):
    with zipfile.ZipFile(packages[1]) as wheel:
        files = wheel.namelist()
    own = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("hpo_helpers/**/*.*") if path.is_file()}
    own = {name for name in own if name.endswith((".py", ".pyi", ".js"))}
    assert {name for name in files if ".dist-info/" not in name} == own | {"hpo_helpers/py.typed"}
    assert any(name.endswith("/licenses/LICENSE") for name in files)


def test_the_source_has_what_it_takes_to_build_it(packages):
    with tarfile.open(packages[0]) as source:
        files = {name.split("/", 1)[-1] for name in source.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "hpo_helpers/py.typed"} <= files


def test_the_index_would_take_them(packages):
    output = run(sys.executable, "-m", "twine", "check", "--strict", *packages, cwd=ROOT)
    assert output.count("PASSED") == 2


def test_the_wheel_says_what_it_needs(packages):
    with zipfile.ZipFile(packages[1]) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
        said = email.message_from_bytes(wheel.read(name))
    needed = [line for line in said.get_all("Requires-Dist") if "extra ==" not in line]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    sentence = re.search(r"brings (.*?) along", " ".join(text.split()))[1].lower()
    names = {re.split(r"[^\w-]", line)[0] for line in needed}
    assert names == set(re.split(r", | and ", sentence)), "README.md names what is installed along"
    assert said["Version"] == hpo_helpers.__version__ and said["License-Expression"] == "MIT"


def test_the_wheel_searches_far_from_the_checkout(python, tmp_path):
    code = USER + "import hpo_helpers; print(len(trials), trials.best.number, hpo_helpers.__file__)"
    n_trials, best, home = run(python, "-c", code, cwd=tmp_path).split()
    assert int(n_trials) == 3 and int(best) in range(3)
    assert Path(home).is_relative_to(python.parents[1])


def test_types_reach_the_user(python, tmp_path):
    """Also a wrong name, argument or attribute is told: nothing of the package is Any at its door."""
    shown = "Search(space).ask()", "trials", "trials.best.loss", "plot_history(trials)", "sampler.suggest"
    lines = [*USER.splitlines(), *(f"reveal_type({text})" for text in shown)]
    wrong = [
        "minimize(abs, Uniform(-1, 1), n_trial=3)",
        "minimize(abs, Uniform(-1, 1), sampler=3)",
        "trials.bset",
        "from hpo_helpers import Unifrom",
        "from hpo_helpers.plots import plot_histroy",
    ]
    (tmp_path / "user.py").write_text("\n".join([*lines, *wrong]) + "\n")
    options = ["--strict", "--python-executable", python, "--cache-dir", ROOT / ".mypy_cache/user"]
    output = run(sys.executable, "-m", "mypy", *options, "user.py", cwd=tmp_path, code=1)
    kinds = re.findall(r'note: Revealed type is "(.*)"', output)
    assert [kind.split("hpo_helpers.")[-1] for kind in kinds[:2]] == ["trials.Trial", "trials.Trials"]
    assert kinds[2].replace("builtins.", "") in ("float | None", "Union[float, None]")
    assert "matplotlib" in kinds[3] and "space: hpo_helpers.spaces.Space" in kinds[4]
    errors = re.findall(r"user\.py:(\d+): error", output)
    assert list(dict.fromkeys(errors)) == [str(len(lines) + k + 1) for k in range(len(wrong))], output
