import json

import numpy as np
import pytest

from hpo_helpers.course import holds


@pytest.fixture(autouse=True)
def no_file(monkeypatch):
    monkeypatch.delenv("HPO_HELPERS_CLAIMS", raising=False)


@pytest.mark.parametrize("truth", [True, np.bool_(True), np.float64(2) > 1, (np.arange(3) < 3).all()])
def test_a_true_sentence_is_printed_with_a_tick(capsys, truth):
    assert holds("random wins in most repeats", truth) is None
    assert capsys.readouterr().out == "✓ random wins in most repeats\n"


@pytest.mark.parametrize("untruth", [False, np.bool_(False), np.float64(2) < 1])
def test_a_false_sentence_stops_the_cell_and_is_named(capsys, untruth):
    with pytest.raises(AssertionError, match="^random wins in most repeats$"):
        holds("random wins in most repeats", untruth)
    assert capsys.readouterr().out == ""


def test_a_file_collects_true_and_false_sentences_and_nothing_stops(tmp_path, monkeypatch, capsys):
    path = tmp_path / "claims.jsonl"
    monkeypatch.setenv("HPO_HELPERS_CLAIMS", str(path))
    holds("“ℓ” is short", np.bool_(True))
    holds("the sea is dry", False)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"sentence": "“ℓ” is short", "held": True},
        {"sentence": "the sea is dry", "held": False},
    ]
    assert capsys.readouterr().out == "✓ “ℓ” is short\n✗ the sea is dry\n"


def test_an_empty_variable_names_no_file(monkeypatch):
    monkeypatch.setenv("HPO_HELPERS_CLAIMS", "")
    with pytest.raises(AssertionError):
        holds("the sea is dry", False)


@pytest.mark.parametrize("value", [1, 0, None, "True", [True], np.array([True]), np.array(True), 1.0])
def test_what_is_no_truth_value_is_refused(value, monkeypatch, tmp_path):
    monkeypatch.setenv("HPO_HELPERS_CLAIMS", str(tmp_path / "claims.jsonl"))
    with pytest.raises(TypeError, match=r"condition must be True or False, got .*; reduce an array"):
        holds("it is so", value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("value", "error"), [("", ValueError), (" \n", ValueError), (True, TypeError)])
def test_what_says_nothing_is_refused(value, error):
    with pytest.raises(error, match=r"sentence must (say something|be text), got "):
        holds(value, True)
