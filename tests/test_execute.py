"""The runner, the runner of other seeds and the copies for readers, on notebooks made for the purpose."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))
import lab  # noqa: E402

DRAW = """\
import matplotlib.pyplot as plt
from hpo_helpers.course import save_figure, use_style
use_style()
fig, ax = plt.subplots()
ax.plot([1, 4, 9])
save_figure(fig, "98_squares", alt="A line through the [first] three square numbers.")
"""


def run(folder, *arguments, script="execute.py"):
    environment = {**os.environ, "HPO_HELPERS_FIGURES": str(folder / "figures")}
    command = [sys.executable, str(NOTEBOOKS / script), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=folder)


def write(path, *sources):
    notebook = new_notebook(cells=[new_markdown_cell("# A title")])
    notebook.cells += [new_code_cell(source) for source in sources]
    notebook.metadata = {"language_info": {"name": "python", "version": "3.0"}, "widgets": {}}
    nbformat.write(notebook, path)
    return path


def test_runs_side_by_side_and_writes_notebooks_figures_and_gallery_back(tmp_path):
    draws = write(tmp_path / "98_draws.ipynb", DRAW, "import os\nprint(os.listdir('.'))")
    prints = write(tmp_path / "99_prints.ipynb", "for i in range(3):\n    print(i)")
    result = run(tmp_path, "--jobs", 2, draws, prints)
    assert (result.returncode, result.stderr) == (0, "")
    assert "98_draws: " in result.stdout
    assert "99_prints: " in result.stdout

    notebook = nbformat.read(draws, as_version=4)
    assert [cell.id for cell in notebook.cells] == ["c01", "c02", "c03"]
    assert notebook.metadata.language_info == {"name": "python"}
    assert "widgets" not in notebook.metadata
    (figure,) = notebook.cells[1].outputs  # the figure, once
    assert figure.metadata["image/png"]["alt"] == figure.data["text/plain"]
    assert notebook.cells[2].outputs[0].text == "[]\n"  # started in an empty folder
    assert nbformat.read(prints, as_version=4).cells[1].outputs[0].text == "0\n1\n2\n"

    readme = (tmp_path / "figures" / "README.md").read_text(encoding="utf-8")
    assert r"![A line through the \[first\] three square numbers.](98_squares.png)" in readme
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("int('ten\\nten')", "ValueError: invalid literal for int() with base 10: 'ten\\nten'"),
        ("import os\nos._exit(1)", "the kernel died (out of memory?)"),
    ],
)
def test_a_failing_cell_is_named_and_the_notebook_left_alone(tmp_path, source, message):
    path = write(tmp_path / "98_fails.ipynb", "1", source, "2")
    before = path.read_bytes()
    result = run(tmp_path, path)
    assert result.returncode == 1
    assert result.stderr == f"98_fails.ipynb, cell 3: {message}\nThe notebook is left as it was.\n"
    assert path.read_bytes() == before


def test_what_is_not_there_is_named(tmp_path):
    result = run(tmp_path, "--figure", "98_nothing")
    assert result.returncode != 0
    assert result.stderr.startswith("No notebook draws a figure '98_nothing'. There are: ")
    result = run(tmp_path, tmp_path / "97_nothing.ipynb")
    assert result.returncode != 0
    assert result.stderr.rstrip().endswith("97_nothing.ipynb")


# ---------------------------------------------------------------- claims with other seeds

CLAIMS = [
    "from hpo_helpers.course import holds\nSEED = 0\nimport os",
    "holds('a seed is 4 or 6', SEED in (4, 6))\nholds('a seed is a | number', True)",
    "for k in range(4, 6):\n    holds('every seed is less', SEED < k)",
    DRAW,
    "1 / (SEED - 5)\nholds('five is an exception', True)",
    "holds('the run goes on', True)",
]
TABLE = """\
## [A title](97_claims.ipynb)

Seeds 4, 5, 6.

| claim | held in | not with seed | not reached with seed |
|---|---|---|---|
| a seed is 4 or 6 | 2 of 3 | 5 | |
| a seed is a \\| number | 3 of 3 | | |
| every seed is less | 0 of 3 | 4, 5, 6 | |
| five is an exception | 2 of 3 | | 5 |
| the run goes on | 3 of 3 | | |

- seed 5, cell 6: ZeroDivisionError: division by zero
"""


def test_claims_are_counted_over_seeds_and_nothing_is_overwritten(tmp_path):
    path, table = write(tmp_path / "97_claims.ipynb", *CLAIMS), tmp_path / "CLAIMS.md"
    before = path.read_bytes()
    table.write_text("# Old\n\n## [Z](99_z.ipynb)\n\nz\n\n## [Old](97_claims.ipynb)\n\nold\n")
    result = run(tmp_path, "--seeds", 4, 5, 6, "--table", table, path, script="claims.py")
    assert (result.returncode, result.stderr) == (0, "")
    assert TABLE in result.stdout
    text = table.read_text(encoding="utf-8")
    assert text.startswith("# Do the claims survive other seeds?\n")
    assert text.endswith(f"\n\n{TABLE}\n## [Z](99_z.ipynb)\n\nz\n")
    assert path.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["97_claims.ipynb", "CLAIMS.md"]


@pytest.mark.parametrize("sources", [["1"], ["SEED = 0\nSEED = 1"], ["SEED = 0", "SEED = 0"]])
def test_a_chapter_with_claims_has_one_line_with_its_seed(tmp_path, sources):
    path = write(tmp_path / "97_claims.ipynb", *sources)
    result = run(tmp_path, path, script="claims.py")
    assert result.returncode != 0
    assert "97_claims.ipynb must have one line that begins with SEED = and a number" in result.stderr


def test_the_runner_stops_at_a_false_claim(tmp_path):
    path = write(tmp_path / "97_claims.ipynb", CLAIMS[0], "holds('zero is one', SEED == 1)")
    result = run(tmp_path, path)
    assert result.stderr == (
        "97_claims.ipynb, cell 3: AssertionError: zero is one\nThe notebook is left as it was.\n"
    )


# ---------------------------------------------------------------- the reader's copies


def copy(course, playground):
    return list(lab.copy_notebooks(course, playground))


@pytest.fixture
def course(tmp_path):
    (tmp_path / "course").mkdir()
    write(tmp_path / "course" / "01_one.ipynb", "print(1)")
    write(tmp_path / "course" / "02_two.ipynb", "print(2)")
    (tmp_path / "course" / "words.md").write_text("A page.")
    return tmp_path / "course"


def test_copies_follow_the_course_until_the_reader_changes_them(course, tmp_path):
    playground = tmp_path / "playground"
    assert copy(course, playground) == []
    one, two = playground / "01_one.ipynb", playground / "02_two.ipynb"
    assert (playground / "words.md").read_text() == "A page."
    assert all(lab.cells_of(path) == lab.cells_of(course / path.name) for path in (one, two))
    ran = nbformat.read(one, as_version=4)  # run and saved, but not changed
    ran.cells[1].outputs = [nbformat.v4.new_output("stream", text="1")]
    nbformat.write(ran, one)
    write(two, "print('mine')")
    mine = two.read_bytes()
    assert copy(course, playground) == []  # a change of the reader alone is no news

    write(course / "01_one.ipynb", "print(11)")
    write(course / "02_two.ipynb", "print(22)")
    for _ in range(2):
        (line,) = copy(course, playground)
        assert line.startswith("02_two.ipynb is newer in the course. Your copy has changes, so it stays")
    assert lab.cells_of(one) == lab.cells_of(course / one.name)
    assert two.read_bytes() == mine

    shutil.move(two, playground / "mine.ipynb")
    assert copy(course, playground) == []
    assert lab.cells_of(two) == lab.cells_of(course / two.name)


def test_a_file_that_is_no_notebook_is_the_readers(course, tmp_path):
    playground = tmp_path / "playground"
    copy(course, playground)
    (playground / "01_one.ipynb").write_text("half a f")
    write(course / "01_one.ipynb", "print(11)")
    (line,) = copy(course, playground)
    assert line.startswith("01_one.ipynb is newer")
    assert (playground / "01_one.ipynb").read_text() == "half a f"


def test_copies_run_with_the_threads_of_the_runner_and_write_no_figures(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "16")
    environment = lab.lab_environment()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "PYTHONHASHSEED"):
        assert environment[name] == lab.ENVIRONMENT[name]
    assert environment["HPO_HELPERS_FIGURES"] == environment["HPO_HELPERS_CLAIMS"] == ""


ARITHMETIC = """\
import numpy
from numpy._core._multiarray_umath import __cpu_features__
from threadpoolctl import threadpool_info
import scipy.linalg
used = {pool.get("architecture") for pool in threadpool_info() if pool["internal_api"] == "openblas"}
wide = {name for name in ("X86_V4", "AVX512_ICL", "AVX512_SPR") if __cpu_features__.get(name)}
print(used - {"Haswell"}, wide)
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="only these have AVX-512")
def test_notebooks_take_sums_in_one_order_on_all_processors(tmp_path):
    path = write(tmp_path / "98_arithmetic.ipynb", ARITHMETIC)
    assert run(tmp_path, path).returncode == 0
    (output,) = nbformat.read(path, as_version=4).cells[1].outputs
    assert output.text == "set() set()\n"


def test_git_does_not_see_the_copies():
    root = NOTEBOOKS.parent
    path = str(lab.PLAYGROUND.relative_to(root) / "01_one.ipynb")
    assert subprocess.run(["git", "check-ignore", "-q", path], cwd=root).returncode == 0
