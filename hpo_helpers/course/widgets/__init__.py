"""Pictures to play with: ES modules, run by anywidget in a notebook and by a web page alone."""

import re
from pathlib import Path
from typing import Any

from ...checks import checked_option

WIDGETS = ("two_pictures", "gaussian_process", "next_trial", "tpe")
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_FOLDER = Path(__file__).parent


def module(name: str) -> str:
    """Return a widget as the text of one ES module that needs nothing else.

    The files of this folder import one another. Here each file that the widget needs stands once,
    before those that need it.

    Parameters
    ----------
    name : str
        One of `WIDGETS`.

    Returns
    -------
    str
        A module whose default export has the function `render({el})`, which draws the widget into an
        element of a page.

    Raises
    ------
    ValueError
        If there is no such widget.

    Examples
    --------
    >>> module("gaussian_process").splitlines()[-1]
    'export default { render };'
    """
    parts: dict[str, str] = {}

    def collect(part: str) -> None:
        text = (_FOLDER / f"{part}.js").read_text("utf-8")
        for needed in _IMPORT.findall(text):
            if needed not in parts:
                collect(needed)
        parts[part] = _IMPORT.sub("", text)

    collect(checked_option("name", name, WIDGETS))
    return "\n".join(parts.values())


def view(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a notebook needs to show a new widget: the data and the metadata of its output.

    Both are empty where anywidget is not installed, so that the cell shows its static figure alone.

    Parameters
    ----------
    name : str
        See `module`.

    Raises
    ------
    ValueError
        If there is no such widget.
    """
    code = module(name)
    try:
        from anywidget import AnyWidget
    except ImportError:
        return {}, {}
    data, metadata = type("Widget", (AnyWidget,), {"_esm": code})()._repr_mimebundle_()
    return {kind: part for kind, part in data.items() if kind != "text/plain"}, metadata
