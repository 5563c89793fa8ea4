# The course's commands; type make to list them. README.md has the plain lines for machines
# without make.
VENV = .venv
PY = $(VENV)/bin/python
INSTALLED = $(VENV)/.installed
NOTEBOOKS = $(wildcard notebooks/*.ipynb)
LIBRARY = $(wildcard hpo_helpers/*.py hpo_helpers/*/*.py hpo_helpers/*/*/*.py)
# One worker a core; at most 8, since each may load TensorFlow.
PYTEST = $(PY) -m pytest -q -n logical --maxprocesses 8

.PHONY: help lab run figures named claims lint test bench site browser
help:
	@echo "make lab                    install the course (once) and open copies of it in JupyterLab"
	@echo "make test                   check style, types, the library, then every notebook (about a quarter of an hour)"
	@echo "make lint                   check style and types alone (half a minute)"
	@echo "make run                    run the notebooks that changed; write outputs and figures"
	@echo "make figures NAME=03_noise  run the notebook that draws this figure"
	@echo "make claims                 run the chapters with five other seeds; say which claims hold (an hour)"
	@echo "make site                   build the course's web pages into site/_build (a minute)"
	@echo "make browser                build them, then open them and JupyterLab in a real browser (six minutes)"
	@echo "make bench                  compare with the usual libraries (some minutes; see benchmarks/README.md)"

$(INSTALLED): requirements.txt pyproject.toml
	@sh .ci/install $(VENV)
	@touch $@

# Root may start JupyterLab only if told so; without a screen there is no browser to open.
lab: $(INSTALLED)
	@$(PY) notebooks/lab.py \
	    $$([ "$$(id -u)" != 0 ] || echo --allow-root) \
	    $$([ "$$(uname)" != Linux ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY$$BROWSER" ] || echo --no-browser)

# A change in the library runs all notebooks, a changed notebook runs alone.
run: .make/run
	@echo "Notebooks and figures are up to date (make -B run runs them regardless)."
.make/run: $(INSTALLED) $(NOTEBOOKS) $(LIBRARY) notebooks/execute.py
	@$(PY) notebooks/execute.py $(if $(filter-out $(NOTEBOOKS),$?),,$?)
	@mkdir -p .make && touch $@

figures: named $(INSTALLED)
	@$(PY) notebooks/execute.py --figure $(NAME)
named:
	@[ -n "$(NAME)" ] || { echo "Which figure? make figures NAME=03_noise" >&2; exit 2; }

claims: $(INSTALLED)
	@$(PY) notebooks/claims.py

lint: $(INSTALLED)
	$(PY) -m ruff check
	$(PY) -m mypy

test: lint
	$(PYTEST) tests --dist loadgroup --cov --cov-branch --cov-report=term --cov-fail-under=95
	$(PYTEST) notebooks --nbval --nbval-current-env --dist loadscope

# A short version, into a folder of its own: benchmarks/results holds the measurements of the tables.
bench: $(INSTALLED)
	$(PY) benchmarks/run.py regret overhead --seeds 5 --rounds 2 --results build/bench

# The web pages, from the notebooks with their stored outputs.
SITE_INSTALLED = $(VENV)/.installed-site
$(SITE_INSTALLED): requirements-site.txt $(INSTALLED)
	@sh .ci/install $(VENV) requirements-site.txt
	@touch $@

site: $(SITE_INSTALLED)
	@$(PY) site/build.py

browser: site
	$(PYTEST) tests/browser --dist loadgroup
