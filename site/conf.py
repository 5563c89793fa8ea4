"""How Sphinx makes the pages. site/build.py says from what, and what is done to them afterwards."""

import os
import tomllib
from pathlib import Path

from docutils.nodes import SkipNode

HERE = Path(__file__).resolve().parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]
REPOSITORY = os.environ.get("COURSE_REPOSITORY", "")  # set by build.py

project = "Hyperparameter optimization"
author = PROJECT["authors"][0]["name"]
copyright = author
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.viewcode", "numpydoc"]
templates_path = [str(HERE / "_templates")]
exclude_patterns = ["**/.*"]
suppress_warnings = ["myst.header"]  # the heading of a solution is small, wherever it stands

nb_execution_mode = "off"  # the outputs are stored in the notebooks
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence", "substitution"]
myst_heading_anchors = 3
myst_update_mathjax = False

autodoc_typehints = "none"  # numpydoc's sections name the types
autodoc_member_order = "bysource"
default_role = "autolink"  # `Search` in a docstring leads to its page
numpydoc_show_class_members = False  # the template of a class lists them
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = "Hyperparameter optimization for neural networks"
html_static_path = [str(HERE / "_static")]
html_favicon = str(HERE / "_static/icon.svg")
html_css_files = ["course.css"]
html_js_files = [("course.js", {"type": "module"})]
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
# No pages lie below these.
ALONE = ("index", "which", "reuse", "figures/README", "benchmarks/README", "notebooks/glossary")
html_sidebars = {page: [] for page in ALONE}
SLUG = "/".join(REPOSITORY.split("/")[-2:])
html_context = {"repository": REPOSITORY, "slug": SLUG, "default_mode": "auto"}
html_theme_options = {
    "logo": {"text": project},
    "search_bar_text": "Search the course",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 7,
    "navbar_align": "left",
    "show_toc_level": 2,
    "back_to_top_button": False,
    "article_header_start": ["breadcrumbs"],
    "article_header_end": ["open-in"],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "footer_start": [],
    "footer_center": ["colophon"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


html_math_renderer = "later"


def setup(app):
    """Leave formulas as they are written; build.py sets them once all pages are there."""

    def inline(writer, node):
        writer.body.append(writer.starttag(node, "span", "", CLASS="math inline"))
        writer.body.append(writer.encode(node.astext()) + "</span>")
        raise SkipNode

    def block(writer, node):
        writer.body.append(writer.starttag(node, "div", CLASS="math block"))
        writer.body.append(writer.encode(node.astext()) + "</div>")
        raise SkipNode

    app.add_html_math_renderer("later", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
