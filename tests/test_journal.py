"""What is on disk after a crash, a kill, a change of space, or a hand that edits."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from hpo_helpers import (
    Choice,
    GridSampler,
    Integer,
    LogUniform,
    RandomSampler,
    Search,
    Space,
    Uniform,
    load,
    minimize,
)
from hpo_helpers.journal import Journal

SPACE = {
    "x": Uniform(0, 1),
    "step": LogUniform(1e-4, 1),
    "units": (Integer(1, 9), Choice([(3, 3), (5, 5)])),
}


def objective(configuration):
    return configuration["x"] + configuration["units"][0]


def search(path, n_trials, space=SPACE, seed=0, objective=objective, **more):
    more = {"sampler": RandomSampler(), "progress": False, **more}
    return minimize(objective, space, n_trials=n_trials, seed=seed, journal=path, **more)


def core(trials):
    """All of the trials that does not depend on the clock."""
    return [(t.number, t.values, t.loss, t.state, t.error, t.curve) for t in trials]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "search.jsonl"


def test_the_journal_is_json_lines_with_a_header(path):
    trials = search(path, 3)
    header, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert header["journal"] == "hpo_helpers" and header["version"] == 2 and header["seed"] == 0
    assert header["sampler"] == "RandomSampler()" and set(header["versions"]) >= {"numpy"}
    assert [line["number"] for line in lines] == [0, 0, 1, 1, 2, 2]
    assert [line["values"] for line in lines[::2]] == [trial.values for trial in trials]
    assert [line["loss"] for line in lines[1::2]] == trials.losses.tolist()


def test_each_trial_is_on_disk_before_the_next_is_asked_for(path):
    def objective(configuration):
        lines.append(len(path.read_bytes().splitlines()))
        return 0.0

    lines = []
    search(path, 4, objective=objective)
    assert lines == [2, 4, 6, 8]  # the header, both lines of those before, and that this one began


def test_a_resumed_search_is_one_that_never_stopped(path):
    whole = search(None, 9)
    search(path, 4)
    resumed = search(path, 9, seed=None)
    assert core(resumed) == core(whole) == core(search(path, 9)) == core(search(path, 5))
    assert core(load(path, SPACE)) == core(whole)


def test_without_a_seed_one_is_drawn_and_kept(path):
    search(path, 3, seed=None)
    with closing(Journal(path, Space(SPACE), None, RandomSampler())) as log:
        seed = log.seed
    assert core(search(path, 6, seed=None)) == core(search(None, 6, seed=seed))
    search(path.with_name("other.jsonl"), 1, seed=None)
    with pytest.raises(ValueError, match="begun with seed"):
        search(path.with_name("other.jsonl"), 1, seed=seed)


def test_configurations_come_back_as_they_were(path):
    options = [np.float64(0.5), ("a", 1), {"b": None}, True, 1, 1.0]
    space = {"x": (Choice(options), [Integer(1, 3)])}
    before, after = (
        search(path, 99, space=space, objective=lambda c: 1.0, sampler=GridSampler(1)) for _ in range(2)
    )
    assert repr([t.configuration for t in before]) == repr([t.configuration for t in after])
    assert repr([t.configuration["x"][0] for t in after]) == repr(options)


def test_without_the_space_all_comes_back_as_well(path):
    trials = search(path, 2)
    assert load(str(path))[0].configuration == trials[0].configuration
    assert type(load(path)[0].configuration["units"]) is tuple


def test_all_of_a_trial_comes_back(path):
    def objective(configuration):
        curve = np.array([3, math.nan, math.inf], dtype=np.float32)
        deep = []
        deep.append(deep)
        more = {"scores": np.arange(2), "flag": np.bool_(True), "worst": -math.inf, "net": object}
        more |= {"deep": deep, "some": [1.5, np.float32("inf")], 3: "three"}
        return {"loss": np.float32(0.5), "curve": curve, **more}

    (trial,) = search(path, 1, objective=objective)
    (again,) = load(path, SPACE)
    assert type(trial.loss) is float and again.loss == trial.loss == 0.5
    np.testing.assert_array_equal(again.curve, trial.curve)
    deep = again.info.pop("deep")
    assert again.info == {
        "scores": [0, 1],
        "flag": True,
        "worst": -math.inf,
        "net": "<class 'object'>",
        "some": [1.5, math.inf],
        "3": "three",
    }
    assert str(deep).startswith("[[[[[")
    assert again.seconds == trial.seconds


def test_failed_trials_are_strict_json(path):
    losses = iter([math.nan, -math.inf, np.float32("inf"), 1.0])
    trials = search(path, 4, objective=lambda configuration: next(losses))
    for line in path.read_text().splitlines():
        json.loads(line, parse_constant=pytest.fail)
    assert [trial.error for trial in trials] == [
        "objective returned nan",
        "objective returned -inf",
        "objective returned inf",
        None,
    ]
    assert core(load(path, SPACE)) == core(trials)


# --- kills -------------------------------------------------------------------------------------

SLOW_SEARCH = """
import sys, time
sys.path[:0] = {paths!r}
from test_journal import objective, search

def slow(configuration):
    time.sleep(0.02)
    return objective(configuration)

search({journal!r}, 12, objective=slow)
"""


def lines_of(path):
    return path.read_bytes().splitlines() if path.exists() else []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
def test_a_search_killed_in_the_middle_goes_on_as_if_it_were_not(path):
    script = SLOW_SEARCH.format(paths=[os.getcwd(), os.path.dirname(__file__)], journal=str(path))
    process = subprocess.Popen([sys.executable, "-c", script])
    while len(lines_of(path)) < 9 and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 9 <= len(lines_of(path)) < 25
    assert core(search(path, 12)) == core(search(None, 12))


@pytest.mark.parametrize("cut", [1, 5, 60])
def test_a_torn_last_line_is_set_aside(path, cut):
    whole = search(path, 5)
    content = path.read_bytes()
    torn = content.splitlines()[-1][:-cut]
    path.write_bytes(content[: -cut - 1])
    with pytest.warns(UserWarning, match="last line of journal .* is torn.*left out") as caught:
        assert core(load(path, SPACE))[:4] == core(whole[:4])
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="torn.* it is now in .*search.jsonl.torn") as caught:
        assert core(search(path, 5)) == core(whole)
    assert caught[0].filename == __file__
    assert path.with_name("search.jsonl.torn").read_bytes() == torn + b"\n"
    assert core(load(path, SPACE)) == core(whole)


def test_torn_lines_are_collected(path):
    search(path, 2)
    for torn in (b'{"number": 2', b'{"num\xff'):
        path.write_bytes(path.read_bytes() + torn)
        with pytest.warns(UserWarning, match="torn"):
            search(path, 2)
    aside = path.with_name("search.jsonl.torn").read_bytes()
    assert aside == b'{"number": 2\n{"num\xff\n'


def test_a_complete_line_that_lacks_its_newline_counts(path):
    whole = search(path, 4)
    path.write_bytes(path.read_bytes()[:-1])
    assert core(load(path, SPACE)) == core(whole)
    assert core(search(path, 7)) == core(search(None, 7))
    assert len(load(path, SPACE)) == 7


def test_a_torn_header_is_begun_anew(path):
    search(path, 1)
    for cut in (7, 60):
        path.write_bytes(path.read_bytes().splitlines()[0][:cut])
        with pytest.warns(UserWarning, match="torn"):
            assert core(search(path, 3)) == core(search(None, 3))


def test_an_empty_file_is_a_new_journal(path):
    path.touch()
    with pytest.raises(ValueError, match="Journal .* is empty"):
        load(path)
    assert core(search(path, 3)) == core(search(None, 3)) == core(load(path, SPACE))


@pytest.mark.parametrize(("room", "reason"), [(20, "No space left"), (0, "File too large")])
@pytest.mark.filterwarnings("ignore:The last line of journal")
def test_a_full_disk_loses_no_finished_trial(path, room, reason):
    resource = pytest.importorskip("resource")
    search(path, 3)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room, before[1]))
    try:
        with pytest.raises(OSError, match=f"Journal .* cannot be written: {reason}.* to go on"):
            search(path, 5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert core(search(path, 5)) == core(search(None, 5))


# --- journals that are refused -----------------------------------------------------------------


def edit(path, number, line):
    lines = path.read_bytes().splitlines(keepends=True)
    lines[number - 1] = line + b"\n"
    path.write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    "line",
    [
        b"{oops",
        b"5",
        b"\xff",
        b'{"number": 7}',
        b'{"number": 1}',
        b'{"number": 1, "configuration": 3, "loss": 1, "state": "finished", "seconds": 1}',
        b'{"number": 1, "configuration": 3, "loss": "1", "state": "failed", "seconds": 1}',
        b'{"number": 1, "configuration": 3, "loss": 1, "surplus": 1}',
        b'{"number": 0, "state": "finished", "loss": 1.0}',
        b'{"number": 2, "state": "finished", "loss": 1.0}',
        b'{"number": -1, "state": "finished", "loss": 1.0}',
        b'{"number": 1, "state": "finished"}',
        b'{"number": 1, "state": "ended", "loss": 1.0}',
        b'{"number": 3, "values": {"x": 0.5, "step": 0.5, "units.0": 1, "units.1": 0}}',
        b'{"number": 2, "values": {"x": 5, "step": 0.5, "units.0": 1, "units.1": 0}}',
    ],
)
def test_a_bad_line_in_the_middle_is_named(path, line):
    search(path, 4)
    edit(path, 5, line)
    before = path.read_bytes()
    for use in (lambda: search(path, 5), lambda: load(path, SPACE)):
        with pytest.raises(
            ValueError, match=r"Line 5 of journal .*jsonl must go on with this search, in which 2"
        ):
            use()
    assert path.read_bytes() == before


def test_blank_lines_are_passed_over(path):
    search(path, 2)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n\r\n"))
    assert core(search(path, 4)) == core(search(None, 4))
    assert core(load(path, SPACE)) == core(search(None, 4))


@pytest.mark.parametrize(
    "content", [b"hello", b"hello\n", b"a,b\n1,2\n", b"{}\n", b"[1]", b"\n", b"\x00\xff\x80"]
)
def test_a_foreign_file_is_refused_and_kept(path, content):
    path.write_bytes(content)
    for use in (lambda: search(path, 5), lambda: load(path)):
        with pytest.raises(ValueError, match="is no journal of this library's"):
            use()
    assert path.read_bytes() == content


def test_a_journal_of_another_space_is_refused(path):
    search(path, 2)
    before = path.read_bytes()
    other = SPACE | {"x": Uniform(0, 2)}
    for use in (lambda: search(path, 5, space=other), lambda: load(path, other)):
        with pytest.raises(ValueError, match="belongs to a search of another space"):
            use()
    assert path.read_bytes() == before


def test_spaces_that_compare_equal_in_python_are_still_told_apart(path):
    search(path, 2, space={"x": Uniform(0, 1), "k": 1}, objective=lambda c: 1)
    with pytest.raises(ValueError, match="another space"):
        search(path, 2, space={"x": Uniform(0, 1), "k": True}, objective=lambda c: 1)


def test_a_journal_of_another_seed_is_refused(path):
    search(path, 2, seed=3)
    with pytest.raises(ValueError, match=r"begun with seed=3, got seed=4; go on with seed=3"):
        search(path, 2, seed=4)


def test_a_directory_is_refused(tmp_path):
    for use in (lambda: search(tmp_path, 2), lambda: load(tmp_path)):
        with pytest.raises(ValueError, match=f"{tmp_path.name} must be a file that can be used: "):
            use()
    with pytest.raises(ValueError, match="must be a file that can be used"):
        search("", 2)


def test_a_missing_folder_or_file_is_refused(path):
    with pytest.raises(ValueError, match="No such file or directory"):
        search(path / "more.jsonl", 2)
    with pytest.raises(ValueError, match="No such file or directory"):
        load(path)


def test_an_unreadable_file_is_refused(path, monkeypatch):
    def refuse(*arguments, **more):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("io.open", refuse)
    for use in (lambda: search(path, 2), lambda: load(path)):
        with pytest.raises(ValueError, match="must be a file that can be used: Permission denied"):
            use()


def test_a_space_that_json_cannot_hold_leaves_no_file(path):
    with pytest.raises(TypeError, match="a space with a journal must hold what JSON has a form for"):
        search(path, 2, space={"f": Choice([math.tanh, math.sin])})
    assert not path.exists()


def test_two_searches_cannot_write_one_journal(path):
    pytest.importorskip("fcntl")
    search(path, 1)
    with closing(Journal(path, Space(SPACE), 0, RandomSampler())):
        assert len(load(path)) == 1
        with pytest.raises(ValueError, match="is being written by another search"):
            search(path, 2)


def test_two_searches_cannot_write_one_journal_under_two_names(path, tmp_path):
    pytest.importorskip("fcntl")
    search(path, 1)
    other = tmp_path / "link.jsonl"
    other.symlink_to(path)
    with (
        closing(Journal(path, Space(SPACE), 0, RandomSampler())),
        pytest.raises(ValueError, match="is being written by another search"),
    ):
        search(other, 2)
    assert len(search(other, 2)) == 2 == len(load(path))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Uniform"', '"Foo"'),
        ('{"Uniform": [0.0, 1.0]}', "3"),
        ('{"Uniform": [0.0, 1.0]}', '{"Uniform": 3}'),
        ('{"Uniform": [0.0, 1.0]}', '{"float": null}'),
        ('{"Uniform": [0.0, 1.0]}', "{}"),
    ],
)
def test_a_space_that_nobody_knows_is_named(path, old, new):
    search(path, 1)
    content = path.read_text()
    assert content.count(old) == 1
    path.write_text(content.replace(old, new))
    for use in (lambda: search(path, 2), lambda: load(path)):
        with pytest.raises(ValueError, match=r"search.jsonl must begin with a space that is known here"):
            use()
    assert path.read_text() == content.replace(old, new)


@pytest.mark.parametrize("seed", ["1.5", '"0"', "null"])
def test_a_seed_that_is_none_makes_no_journal(path, seed):
    search(path, 1)
    content = path.read_text().replace('"seed": 0', f'"seed": {seed}')
    path.write_text(content)
    with pytest.raises(ValueError, match="is no journal of this library's"):
        search(path, 2)


def test_what_is_nested_too_deep_is_named(path):
    search(path, 1)
    with path.open("a") as file:
        file.write("[" * 100_000 + "]" * 100_000 + "\n")
    with pytest.raises(ValueError, match="Line 4 of journal"):
        load(path)
    path.write_text("[" * 100_000 + "]" * 100_000)
    with pytest.raises(ValueError, match="is no journal of this library's"):
        load(path)


def test_where_there_are_no_locks_a_journal_works_without(path, monkeypatch):
    import portalocker

    def refuse(*arguments):
        raise portalocker.LockException(OSError(38, "Function not implemented"))

    monkeypatch.setattr("portalocker.portalocker.lock", refuse)
    with closing(Journal(path, Space(SPACE), 0, RandomSampler())):
        assert core(search(path, 2)) == core(search(None, 2))


def children(code, path):
    """Run a search in another process, which begins with some code."""
    folders = f"import sys; sys.path[:0] = {[os.getcwd(), os.path.dirname(__file__)]!r}\n"
    head = "import os, time\nfrom test_journal import *\n"
    return subprocess.Popen([sys.executable, "-c", folders + head + code.format(path=str(path))])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_forked_child_that_lives_on_does_not_hold_the_journal(path, end):
    code = """
def objective(configuration):
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, b"1")  # it runs, so that it has let go of the lock
        time.sleep(3)
        os._exit(0)
    os.read(read, 1)
    return 1.0

search({path!r}, 1, objective=objective)
"""
    if end:
        code = code.replace("    return 1.0", f"    {end}")
    children(code, path).wait()
    start = time.monotonic()
    assert core(search(path, 3, objective=lambda c: 1.0)) == core(search(None, 3, objective=lambda c: 1.0))
    assert time.monotonic() - start < 2


def test_no_lock_is_left_behind(path):
    search(path, 2)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_in_a_read_only_folder_the_folder_is_named(path):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    path.parent.chmod(0o500)
    with pytest.raises(ValueError, match="must be a file that can be used: Permission denied"):
        search(path, 2)


# --- other versions ----------------------------------------------------------------------------

JOURNALS = sorted((Path(__file__).parents[1] / "notebooks" / "journals").glob("*.jsonl"))


def old_lines(trials, **header):
    head = {"journal": "hpo_helpers", "version": 1, "space": trials.space.describe(), "seed": 0}
    yield head | {"sampler": "RandomSampler()", "versions": {}} | header
    for t in trials:
        line = {"number": t.number, "configuration": t.configuration, "loss": t.loss, "state": t.state}
        yield line | {"seconds": t.seconds, "error": t.error, "curve": t.curve, "info": t.info}


def write(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.mark.parametrize("journal", JOURNALS, ids=lambda path: path.stem)
def test_recorded_journals_are_read(journal):
    first, *lines = [json.loads(line) for line in journal.read_text().splitlines()]
    trials = load(journal)
    assert trials.space.describe() == first["space"]
    if all("configuration" in line for line in lines):  # version 1
        assert [t.configuration for t in trials] == [line["configuration"] for line in lines]
        assert [t.loss for t in trials] == [line["loss"] for line in lines]
        assert [t.curve for t in trials] == [line["curve"] for line in lines]


def test_a_journal_of_version_1_goes_on(path):
    whole = search(None, 6)
    write(path, old_lines(whole[:4]))
    assert core(load(path)) == core(whole[:4])
    assert core(search(path, 6)) == core(whole) == core(load(path))
    old = ["number", "configuration"]
    assert [list(json.loads(line))[:2] == old for line in lines_of(path)[1:]] == [True] * 4 + [False] * 4


def test_losses_that_version_1_wrote_as_text_are_numbers(path):
    whole = search(None, 1)
    (head, line) = old_lines(whole)
    write(path, [head, line | {"curve": ["nan", 1.5, "inf"]}])
    np.testing.assert_array_equal(load(path)[0].curve, [math.nan, 1.5, math.inf])


@pytest.mark.parametrize("version", [3, 10, 11])
def test_a_newer_version_is_told(path, version):
    write(path, old_lines(search(None, 1), version=version))
    before = path.read_bytes()
    for use in (lambda: search(path, 5), lambda: load(path)):
        with pytest.raises(ValueError, match=f"is of version {version}, which a newer hpo_helpers wrote"):
            use()
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", [0, "1", None, 1.5, True])
def test_what_has_no_version_is_no_journal(path, version):
    write(path, old_lines(search(None, 1), version=version))
    with pytest.raises(ValueError, match="is no journal of this library's"):
        load(path)


def test_a_byte_order_mark_is_passed_over(path):
    search(path, 2)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert core(load(path)) == core(search(None, 2))
    assert core(search(path, 4)) == core(search(None, 4)) == core(load(path))


def test_swapped_lines_are_named(path):
    search(path, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], lines[4], lines[3], *lines[5:]]))
    with pytest.raises(ValueError, match="Line 4 of journal .*no trial 1 is running"):
        load(path)


def test_every_end_of_a_trial_is_synced_and_no_beginning(path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(path.read_bytes().splitlines()[-1]))
    search(path, 3)
    assert [json.loads(line).get("state", "header") for line in synced] == ["header", *["finished"] * 3]


def test_a_trial_costs_the_same_however_long_the_journal_is(path):
    with Search(SPACE, sampler=GridSampler(1), seed=0, journal=path) as log:
        sizes = []
        for _ in range(30):
            log.tell({"x": 0.5, "step": 0.25, "units": (1, (3, 3))}, 1.0)
            sizes.append(path.stat().st_size)
    assert len(set(np.diff(sizes[:10]))) == len(set(np.diff(sizes[11:]))) == 1


def test_what_could_not_be_written_whole_is_taken_back(tmp_path):
    """A line may still be written after one that the disk had no room for."""
    path = tmp_path / "one.jsonl"
    search = Search(Uniform(0, 1), sampler=RandomSampler(), seed=0, journal=path)
    first, second = search.ask(), search.ask()
    file = search._journal._file

    class Short:
        def __getattr__(self, name):
            return getattr(file, name)

        def write(self, content):
            return file.write(content[: len(content) // 2])

    search._journal._file = Short()
    with pytest.raises(OSError, match="cannot be written"):
        search.tell(first, 1.0)
    search._journal._file = file
    search.tell(second, 2.0)
    search.close()
    assert [t.state for t in load(path)] == ["running", "finished"]


def test_what_holds_itself_is_written_as_a_short_text(path):
    ring = [{"number": k, "near": []} for k in range(30)]
    for k, node in enumerate(ring):
        node["near"] = [ring[(k + step) % 30] for step in (-2, -1, 1, 2)]
    twice = [1, 2]
    told = {"loss": 1.0, "graph": ring[0], "a": twice, "b": {"again": twice}}
    minimize(lambda configuration: told, Uniform(0, 1), n_trials=1, journal=path, progress=False)
    info = load(path)[0].info
    assert isinstance(info["graph"], str) and len(path.read_bytes()) < 2000
    assert info["a"] == [1, 2] and info["b"] == {"again": [1, 2]}


@pytest.mark.parametrize("unit", ["D", "s", "ns"])
def test_a_moment_is_written_as_text(path, unit):
    told = {"loss": 1.0, "when": np.datetime64("2026-11-30", unit), "took": np.timedelta64(5, unit)}
    minimize(lambda configuration: told, Uniform(0, 1), n_trials=1, journal=path, progress=False)
    info = load(path)[0].info
    assert "2026-11-30" in info["when"] and "5" in info["took"]
