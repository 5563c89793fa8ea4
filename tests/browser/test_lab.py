"""The notebooks in a real JupyterLab, as `make lab` opens it."""

import os
import re
import signal
import subprocess
import threading

import pytest
from places import ROOT

CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
# What is seen of the notebook that is in front.
SEEN = """() => {
  const panel = jupyterapp.shell.currentWidget, cells = panel?.content?.widgets ?? [];
  return {
    path: panel?.context?.path, unsaved: panel?.context?.model?.dirty,
    title: panel?.title?.className ?? "",
    cells: cells.map((cell) => ({
      type: cell.model.type, tags: cell.model.getMetadata("tags") ?? [], hidden: cell.isHidden,
      source_hidden: cell.inputHidden ?? false, outputs_hidden: cell.outputHidden ?? false,
      count: cell.model.executionCount ?? null,
      outputs: (cell.model.outputs?.toJSON() ?? []).map((output) => output.output_type),
    })),
  };
}"""


def checkout():
    """What git sees of the notebooks and figures, tracked or not, and what is in each file."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "notebooks", "figures"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name: hash((ROOT / name).read_bytes()) for name in names if (ROOT / name).exists()}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab that `make lab` started; it lets the tests look inside."""
    folder = tmp_path_factory.mktemp("jupyter")
    settings = "c.LabApp.expose_app_in_browser = True\nc.ServerApp.port_retries = 50\n"
    (folder / "jupyter_lab_config.py").write_text(settings)
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"JUPYTER_CONFIG_DIR": str(folder), "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    environment |= {"JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces")}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    command = ["make", "lab"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **streams) as made:
        try:
            said = []
            for line in made.stdout:
                said.append(line)
                if found := re.search(r"http://(?:localhost|127\.0\.0\.1):\d+/lab\S*token=\w+", line):
                    break
            else:
                pytest.fail("make lab ended:\n" + "".join(said))
            threading.Thread(target=made.stdout.read, daemon=True).start()
            yield found[0]
        finally:
            os.killpg(made.pid, signal.SIGTERM)


@pytest.fixture(scope="module")
def page(browser, lab):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(lab)
    page.wait_for_function("window.jupyterapp?.started")
    page.evaluate("jupyterapp.restored.then(() => null)")
    yield page
    context.close()


def opened(page, name):
    """Open a notebook from the folder that `make lab` shows; return what is seen of it."""
    folder = "playground/" if (ROOT / "playground").is_dir() else ""
    page.evaluate(
        "path => jupyterapp.commands.execute('docmanager:open', { path }).then(() => null)", folder + name
    )
    ready = "jupyterapp.shell.currentWidget?.context?.isReady && jupyterapp.shell.currentWidget.context.path"
    page.wait_for_function(f"({ready} || '').endsWith('{name}')")
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready.then(() => null)")
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.info.then(() => null)")
    page.wait_for_timeout(500)  # for what JupyterLab writes into a notebook then
    return page.evaluate(SEEN)


@pytest.mark.parametrize("name", CHAPTERS)
def test_opens_with_solutions_folded_and_nothing_unsaved(page, name):
    seen = opened(page, name)
    assert not seen["unsaved"] and "jp-mod-dirty" not in seen["title"]
    assert_folded(seen)
    page.evaluate("jupyterapp.commands.execute('application:close').then(() => null)")


def assert_folded(seen):
    solutions = [cell for cell in seen["cells"] if "solution" in cell["tags"]]
    assert len(solutions) >= 3
    for cell in solutions:
        assert cell["hidden"] or (cell["source_hidden"] and cell["outputs_hidden"])


def test_chapter_3_runs_from_start_to_end_and_solutions_stay_folded(page):
    before = checkout()
    (name,) = (name for name in CHAPTERS if name.startswith("03_"))
    opened(page, name)
    done = page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    assert done is not False
    seen = page.evaluate(SEEN)
    code = [cell for cell in seen["cells"] if cell["type"] == "code" and cell["count"]]
    assert [cell["count"] for cell in code] == list(range(1, len(code) + 1)) and len(code) > 20
    assert not [cell for cell in seen["cells"] if "error" in cell["outputs"]]
    assert_folded(seen)
    page.evaluate("jupyterapp.commands.execute('docmanager:save').then(() => null)")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    assert checkout() == before
