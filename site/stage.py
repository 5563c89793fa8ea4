"""Lay out what Sphinx reads: the notebooks, the pages of site/, and the READMEs that are pages too."""

import os
import re
import shutil
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"(!?)\[((?:[^\[\]]|!?\[[^\]]*\](?:\([^)]*\))?)*)\]\(([^()\s]+)\)")
PAGES_OF_THE_REPOSITORY = ("figures/README.md", "benchmarks/README.md")
# A page of the site that says what a file of the repository says.
INSTEAD = {"README.md": "index.md", "LICENSE": None, "CONTRIBUTING.md": None}


def stage(folder, repository):
    """Fill `folder` with the sources, where they are in the repository, and site/'s pages at its root."""
    shutil.rmtree(folder, ignore_errors=True)
    pages = {path.name: path for path in sorted((ROOT / "site").glob("*.md"))}
    pages |= {name: ROOT / name for name in PAGES_OF_THE_REPOSITORY}
    notebooks = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "notebooks").glob("*.md")]
    pages |= {path.relative_to(ROOT).as_posix(): path for path in sorted(notebooks)}
    for name, path in pages.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        mend = Links(name, {*pages, "reference.md"}, repository).mend
        if path.suffix == ".md":
            text = path.read_text("utf-8")
            target.write_text(mend(filled(text) if path.parent.name == "site" else text), "utf-8")
        else:
            notebook = nbformat.read(path, as_version=4)
            nbformat.write(chapter(notebook, mend), target)
    for picture in [*(ROOT / "figures").glob("*.[ps][nv]g"), *(ROOT / "benchmarks").glob("*.png")]:
        shutil.copy(picture, folder / picture.relative_to(ROOT))
    return sorted(pages)


def chapters():
    """The chapters by number: {3: (file, title, question)}, from the first cell of each notebook."""
    found = {}
    for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        opening = nbformat.read(path, as_version=4).cells[0].source
        title = re.search(r"^# (?:\d+\. )?(.*)", opening, re.MULTILINE)[1]
        question = re.search(r"\*\*The question\.\*\*(.*?)(\n\n|$)", opening, re.DOTALL)
        words = " ".join(question[1].split()) if question else ""
        found[int(path.name[:2])] = (f"notebooks/{path.name}", title, words)
    return found


def filled(text):
    """A page of site/ with what depends on the chapters that there are put in at its marks."""
    found = chapters()
    lines = [f"- [{n}. {title}]({file})<br>{words}" for n, (file, title, words) in found.items()]
    page = "[decision page of chapter 9]({}#the-decision-page)"
    last = f"The {page.format(found[9][0])} asks for what you can afford and have." if 9 in found else ""
    glossary = [f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("glossary.*")]
    sections = ["chapters", "Which method <which>", "Use it <reuse>", "Figures <figures/README>", *glossary]
    sections += ["Benchmarks <benchmarks/README>", "reference"]
    numbered = [*(file.removesuffix(".ipynb") for file, _, _ in found.values()), "notebooks/CLAIMS"]
    readme = (ROOT / "README.md").read_text("utf-8")
    marks = {
        "chapters": "\n".join(lines),
        "the chapter on this": last,
        "how to start": re.search(r"Without `make`:\n\n(.*?)\n\n(?=\S)", readme, re.DOTALL)[1],
        "first chapter": found[1][0].replace(".ipynb", ".html"),
        "toctree of the site": toctree(sections),
        "toctree of the chapters": toctree(numbered),
        **{f"chapter {n}": file for n, (file, _, _) in found.items()},
    }
    return re.sub(r"<!-- ([\w ]+) -->", lambda match: marks[match[1]], text)


def toctree(pages):
    return "```{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n```"


class Links:
    """Mends the links of one page: to another page, to a file of the repository, or to nothing any more."""

    def __init__(self, page, pages, repository):
        self.page, self.pages, self.repository = page, pages, repository
        self.folder = Path(page).parent

    def mend(self, text):
        return LINK.sub(self._mended, text)

    def _mended(self, match):
        picture, words, target = match.groups()
        words = LINK.sub(self._mended, words)
        path = target.partition("#")[0]
        if not path or re.match(r"[a-z]+:", target):
            return f"{picture}[{words}]({target})"
        place = Path(os.path.normpath(self.folder / path)).as_posix()
        if picture or place in self.pages or place.startswith("figures/"):
            return f"{picture}[{words}]({target})"
        if INSTEAD.get(place):
            return f"[{words}]({os.path.relpath(INSTEAD[place], self.folder)})"
        if not (ROOT / place).exists():
            print(f"{self.page}: the link to {target} leads nowhere", file=sys.stderr)
            return words
        kind = "tree" if (ROOT / place).is_dir() else "blob"
        return f"[{words}]({self.repository}/{kind}/main/{place})" if self.repository else words


def chapter(notebook, mend):
    """A notebook as the site shows it: pictures as files with their alt texts, and no empty cells."""
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = mend(cell.source)
            continue
        cell.metadata.pop("jupyter", None)  # dress.py folds the solutions
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output.data.pop("text/html", None)  # the same picture, written into the page
            about = output.get("metadata", {}).get("image/png", {})
            image = {"alt": about["alt"]} if "alt" in about else {}
            if "widget" in about:
                image["classes"] = f"widget-{about['widget']}"
            if image:
                cell.metadata["mystnb"] = {"image": image}
    return notebook
