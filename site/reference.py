"""Write the page of the library's reference from the stub files, which list the public names."""

import re

NAME = re.compile(r"^from \.([\w.]+) import (\w+) as \2$", re.MULTILINE)
# The sections, in order, and the modules, or packages of modules, whose names they hold.
SECTIONS = {
    "Search": ("loop", "search", "journal", "trials"),
    "What may be tried": ("distributions", "spaces"),
    "Samplers: what to try next": ("samplers", "course.quasi_random"),
    "Pruners: when to stop a trial": ("pruners",),
    "What the trials tell": ("recommendation", "course.importance"),
    "Models": ("models", "course.acquisition"),
    "Beside hyperopt": ("hyperopt", "course.hyperopt_sampler"),
    "The article's functions": ("course",),
}
HEAD = """# Reference

What `from hpo_helpers import …` offers. Each name has a page with its parameters, what it returns,
the errors it raises and an example, and a link to its source.
"""


def reference(package):
    """The text of reference.md for the package in the folder `package`."""
    parts = [HEAD]
    left = NAME.findall((package / "__init__.pyi").read_text("utf-8"))
    for title, homes in SECTIONS.items():
        here = [name for home, name in left if {home, home.split(".")[0]} & set(homes)]
        left = [(home, name) for home, name in left if name not in here]
        parts.append(section(title, package.name, here))
    parts.append(section("Other", package.name, [name for _, name in left]))
    plots = NAME.findall((package / "plots/__init__.pyi").read_text("utf-8"))
    parts.append(section("Plots", f"{package.name}.plots", [name for _, name in plots if name.islower()]))
    more = ["plot_best_so_far", "plot_importance", "plot_parallel_coordinates"]
    parts.append(section("Plots of the course that take trials", f"{package.name}.course.plots", more))
    return "\n".join(parts)


def section(title, package, names):
    """One section: a table with a line for each name, which Sphinx makes a page of."""
    if not names:
        return ""
    lines = "\n".join(f"   {package}.{name}" for name in names)
    table = f".. autosummary::\n   :toctree: reference\n   :nosignatures:\n\n{lines}"
    return f"## {title}\n\n```{{eval-rst}}\n{table}\n```\n"
