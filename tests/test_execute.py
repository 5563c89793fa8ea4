"""The headless runner, on notebooks made for the purpose."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

RUN = Path(__file__).resolve().parent.parent / "notebooks" / "execute.py"
DRAW = """\
import matplotlib.pyplot as plt
from hpo_helpers.course import save_figure, use_style
use_style()
fig, ax = plt.subplots()
ax.plot([1, 4, 9])
save_figure(fig, "98_squares", alt="A line through the [first] three square numbers.")
"""


def run(folder, *arguments):
    environment = {**os.environ, "HPO_HELPERS_FIGURES": str(folder / "figures")}
    command = [sys.executable, str(RUN), *map(str, arguments)]
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
