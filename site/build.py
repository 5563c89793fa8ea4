"""Build the course's web pages from the notebooks with their stored outputs; nothing is executed.

    python site/build.py      into site/_build
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from dress import Dresser
from reference import reference
from shrink import shrink
from stage import ROOT, stage

SITE = ROOT / "site"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=SITE / "_build", help="where the pages go")
    out = parser.parse_args(arguments).out.resolve()
    started = time.perf_counter()
    sources = ROOT / "build/site"
    stage(sources, repository())
    (sources / "reference.md").write_text(reference(ROOT / "hpo_helpers"), "utf-8")
    pages = ROOT / "build/site-pages"
    shutil.rmtree(pages, ignore_errors=True)
    sphinx(sources, pages)
    for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        shutil.copy(path, pages / "notebooks")
    Dresser(pages, ROOT / "build/site-pictures").dress_all()
    shrink(pages)
    shutil.rmtree(out, ignore_errors=True)
    shutil.move(pages, out)
    n_pages = len(list(out.glob("**/*.html")))
    print(f"{n_pages} pages in {time.perf_counter() - started:.0f} s: {out / 'index.html'}")


def repository():
    """The repository's address, from pyproject.toml; else, on GitHub, of what is being built; else ""."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    here = [os.environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY")]
    address = project.get("urls", {}).get("Repository") or ("/".join(here) if all(here) else "")
    return address.rstrip("/").removesuffix(".git")


def sphinx(sources, out):
    """Run Sphinx in a process of its own, which it may fork."""
    command = [sys.executable, "-m", "sphinx", "-q", "-j", "auto", "-c", SITE]
    command += ["-d", ROOT / "build/site-doctrees", sources, out]
    environment = {**os.environ, "COURSE_REPOSITORY": repository(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(list(map(str, command)), env=environment)
    if done.returncode:
        sys.exit("The site was not built: Sphinx has said above what is wrong.")


if __name__ == "__main__":
    main()
