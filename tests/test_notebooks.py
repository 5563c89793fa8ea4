"""What every notebook of the course keeps to. That it still computes what it shows is nbval's part."""

import asyncio
import base64
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "figures"
sys.path.insert(0, str(ROOT / "notebooks"))
import claims  # noqa: E402
import execute  # noqa: E402

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTEBOOKS = {path.stem: nbformat.read(path, as_version=4) for path in PATHS}
OF_THIS_MACHINE = re.compile(r"/(home|Users|root|tmp|work|opt|usr|var)/|\b[A-Z]:\\|site-packages")


def cells(notebook, kind):
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def outputs(notebook):
    return [output for cell in cells(notebook, "code") for output in cell.outputs]


def printed(notebook):
    """All text that a notebook's cells put out."""
    for output in outputs(notebook):
        yield output.get("text", "")
        yield from (text for kind, text in output.get("data", {}).items() if kind[:4] == "text")


def test_the_course_is_here():
    assert [name[:3] for name in NOTEBOOKS] == [f"{n:02d}_" for n in range(1, len(PATHS) + 1)]
    assert len(PATHS) >= 5


@pytest.fixture(params=NOTEBOOKS)
def name(request):
    return request.param


@pytest.fixture
def notebook(name):
    return NOTEBOOKS[name]


def test_was_run_in_order_without_an_error_or_a_warning(notebook):
    counts = [cell.execution_count for cell in cells(notebook, "code") if cell.source.strip()]
    assert counts == list(range(1, len(counts) + 1))
    assert [output.ename for output in outputs(notebook) if output.output_type == "error"] == []
    assert [output.text for output in outputs(notebook) if output.get("name") == "stderr"] == []
    assert [text for text in printed(notebook) if "WARNING" in text] == []


def test_is_stored_as_the_runner_stores_it(notebook):
    assert notebook.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    assert [cell.id for cell in notebook.cells] == [
        f"c{n:02d}" for n in range(1, len(notebook.cells) + 1)
    ]
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags", "jp-MarkdownHeadingCollapsed"}
    for output in outputs(notebook):
        assert not any("widget" in kind for kind in output.get("data", {}))


def test_shows_nothing_of_one_machine_or_one_run(notebook):
    for text in [cell.source for cell in notebook.cells] + list(printed(notebook)):
        assert not OF_THIS_MACHINE.search(text), text
        assert not re.search(r"\bat 0x[0-9a-f]{6,}", text), text


def test_is_stored_with_the_data_that_it_is_about(notebook):
    """Without MNIST a chapter runs with the digits, which is for readers and not for what is stored."""
    assert not any("could not be downloaded" in text for text in printed(notebook))


def test_begins_and_ends_as_every_chapter_does(notebook):
    opening = notebook.cells[0]
    assert opening.cell_type == "markdown"
    assert opening.source.startswith("# ")
    for promise in ("The question", "What you need to know", "How long it takes"):
        assert f"**{promise}.**" in opening.source
    text = "\n".join(cell.source for cell in cells(notebook, "markdown"))
    headings = re.findall(r"^## (.*)", text, flags=re.MULTILINE)
    assert headings[-4:] == ["Summary", "What was not shown", "Exercises", "Where to go next"]
    assert "use_style()" in cells(notebook, "code")[0].source.splitlines()


def test_the_first_screen_has_a_picture_and_the_last_cell_leads_on(name, notebook):
    pictures = re.findall(r"!\[.{10,}?\]\(([^)]+)\)", notebook.cells[0].source, re.S)
    assert pictures and set(pictures) <= set(relative_links(notebook))
    following = [path.name for path in PATHS if path.stem > name][:1]
    assert [link for link in following if f"]({link})" not in notebook.cells[-1].source] == []


def relative_links(notebook):
    text = "\n".join(cell.source for cell in cells(notebook, "markdown"))
    return [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]


def test_links_lead_to_files_from_the_course_and_from_the_readers_copies(notebook):
    """A copy lies in playground/, beside notebooks/, with the notebooks and the pages of that folder."""
    for link in relative_links(notebook):
        assert (ROOT / "notebooks" / link).exists(), link
        assert link.startswith("../") or re.fullmatch(r"\w+\.(ipynb|md)", link), link


def test_has_three_exercises_with_room_for_an_attempt_and_a_folded_solution(notebook):
    text = "\n".join(cell.source for cell in cells(notebook, "markdown"))
    exercises = text.split("\n## Exercises")[1]
    assert re.findall(r"^\*\*(\d)\.", exercises, flags=re.MULTILINE) == ["1", "2", "3"]
    solutions, folded = tagged(notebook, "solution"), []
    headings = [(k, re.match(r"(#+) Solution", cell.source)) for k, cell in enumerate(notebook.cells)]
    headings = [(k, match[1]) for k, match in headings if match]
    assert len(headings) >= 3
    for k, level in headings:
        assert notebook.cells[k].metadata.get("jp-MarkdownHeadingCollapsed") is True
        attempt = notebook.cells[k - 1]
        assert (attempt.cell_type, attempt.source) == ("code", "")
        for cell in notebook.cells[k + 1 :]:
            if cell.cell_type == "markdown" and re.match(rf"#{{1,{len(level)}}} ", cell.source):
                break
            folded.append(cell)
    assert len(solutions) >= 3
    assert [cell.source for cell in solutions if cell not in folded] == []
    assert [cell.source for cell in folded if cell.cell_type == "code" and cell not in solutions] == []


def test_code_comes_in_small_cells_with_words_between(notebook):
    lengths = [len(cell.source.splitlines()) for cell in cells(notebook, "code")]
    assert len(notebook.cells) <= 90
    assert max(lengths) <= 25
    assert statistics.median(lengths) <= 7
    words = sum(len(cell.source.split()) for cell in cells(notebook, "markdown"))
    assert 8 <= words / sum(lengths) <= 25


def test_asks_before_it_shows(notebook):
    text = "\n".join(cell.source for cell in cells(notebook, "markdown"))
    asked = re.findall(r"^\*\*Predict\.\*\* (.*?)(?=\n\n|\Z)", text, flags=re.M | re.S)
    assert len(asked) >= 4
    assert [question for question in asked if "?" not in question] == []


def test_what_the_article_did_stands_in_boxes(notebook):
    for cell in cells(notebook, "markdown"):
        for line in cell.source.splitlines():
            assert "**What the article" not in line or line.startswith("> **What the article did.** "), line


def test_claims_begin_at_one_seed(notebook):
    """So that `make claims` can run the chapter with another."""
    code = "\n".join(cell.source for cell in cells(notebook, "code"))
    if "holds(" in code:
        assert len(claims.SEED_LINE.findall(code)) == 1
        assert "SEED = 0" in code.splitlines()
    assert not re.search(r"default_rng\(\)|np\.random\.(seed|rand)", code)


# A number that a reader is invited to change, and what they may change it to.
CHANGES = {
    "a sixth variable": ("02_", "[11, 31, 51, 71, 91]", "[5, 11, 31, 51, 71, 91]"),
    "a fourth network": ("03_", "{10: 65, 100: 82, 200: 84}", "{10: 65, 60: 79, 100: 82, 200: 84}"),
    "more trials": ("06_", "N = 40 ", "N = 60 "),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_number_can_be_changed(change):
    """Nothing below breaks; a claim may fall, as it may with another seed."""
    chapter, old, new = CHANGES[change]
    (path,) = [path for path in PATHS if path.name.startswith(chapter)]
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in cells(notebook, "code") if old in cell.source]
    cell.source = cell.source.replace(old, new, 1)
    before = signal.getsignal(signal.SIGINT)
    try:
        found, failures = asyncio.run(claims.run_one(notebook))
    finally:  # nbclient takes Ctrl-C, and does not give it back
        signal.signal(signal.SIGINT, before)
    assert failures == []
    assert found or "holds(" not in claims.code_of(path)


def test_only_cells_that_depend_on_a_trained_network_go_unchecked(notebook):
    imports = cells(notebook, "code")[0].source
    if tagged(notebook, "nbval-ignore-output"):
        assert "hpo_helpers.course.networks" in imports
    for tag in ("nbval-skip", "nbval-raises-exception", "raises-exception"):
        assert not tagged(notebook, tag)
    assert not any("NBVAL_" in cell.source for cell in cells(notebook, "code"))


def test_shows_the_figures_that_it_saves(name, notebook):
    shown = [
        (output.data["image/png"], output.metadata["image/png"]["alt"])
        for output in outputs(notebook)
        if "image/png" in output.get("data", {})
    ]
    saved = execute.figure_names(notebook)
    assert len(saved) == len(set(saved)) == len(shown)
    for figure, (png, alt) in zip(saved, shown, strict=True):
        assert figure.startswith(name[:3])
        assert base64.b64decode(png) == (FIGURES / f"{figure}.png").read_bytes(), (
            f"{figure} in the notebook is not the one in figures/: run the notebook again"
        )
        assert f"<title>{alt[:20]}" in (FIGURES / f"{figure}.svg").read_text(encoding="utf-8")


def test_every_figure_belongs_to_a_notebook_and_to_the_gallery():
    saved = {figure for notebook in NOTEBOOKS.values() for figure in execute.figure_names(notebook)}
    assert {path.stem for path in FIGURES.glob("*.png")} == saved
    assert {path.stem for path in FIGURES.glob("*.svg")} == saved
    assert (FIGURES / "README.md").read_text(encoding="utf-8") == execute.gallery(FIGURES)


def test_two_runs_leave_the_same_bytes(tmp_path):
    """Each in fresh processes. That all chapters come out as they are stored is nbval's part."""
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
        chapter = shutil.copy(ROOT / "notebooks/02_multivariate_gaussians.ipynb", folder)
        environment = {**os.environ, "HPO_HELPERS_FIGURES": str(folder / "figures")}
        command = [sys.executable, str(ROOT / "notebooks" / "execute.py"), chapter]
        subprocess.run(command, env=environment, check=True)
    first, second = (
        {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        for folder in folders
    )
    assert len(first) > 20
    assert first.keys() == second.keys()
    assert [file for file in first if first[file] != second[file]] == []
