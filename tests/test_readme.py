"""What README.md promises is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_what_stands_below_it(tmp_path):
    code, _ = re.findall(r"```python\n(.*?)```", README, re.S)
    (printed,) = re.findall(r"```text\n(.*?)```", README, re.S)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert result.stdout == printed


def test_the_example_of_many_at_once_runs(tmp_path):
    _, code = re.findall(r"```python\n(.*?)```", README, re.S)
    assert len(code.splitlines()) <= 10
    (tmp_path / "example.py").write_text(f"if True:\n    {code.strip().replace(chr(10), chr(10) + '    ')}\n")
    command = [sys.executable, "example.py"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert result.stdout == "finished\n"


def test_the_page_for_reusers_runs_as_it_stands(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "site/reuse.md").read_text("utf-8"), re.S)
    assert len(blocks[0].splitlines()) <= 10
    code = "\n".join(
        block for block in blocks if "scheduler:8786" not in block
    )  # there is no such cluster here
    (tmp_path / "page.py").write_text(
        f"if __name__ == '__main__':\n    {code.replace(chr(10), chr(10) + '    ')}\n"
    )
    subprocess.run([sys.executable, "page.py"], capture_output=True, text=True, cwd=tmp_path, check=True)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "figures/README.md"])
def test_links_lead_to_files(document):
    path = ROOT / document
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    for link in links:
        assert link.startswith(("https://", "http://")) or (path.parent / link).exists(), link


def test_every_make_target_is_there():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M)
    assert {"help", "lab", "run", "figures", "claims", "test", "bench"} <= set(targets)
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        named = re.findall(r"(?:`|^    )make (\w+)", text, re.M)
        assert named
        assert set(named) <= set(targets)


def test_the_plain_lines_are_those_of_the_workflow():
    workflow = (ROOT / ".github/workflows/test.yml").read_text()
    lines = re.findall(r"^ *(python -m (?:pip|pytest) .*)", README, re.M)
    assert len(lines) >= 4
    for line in lines:
        assert line in workflow
