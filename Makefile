PYTHON ?= python3
PORT   ?= 8501
ARGS   ?=

VENV := .venv
PY   := $(VENV)/bin/python
DONE := $(VENV)/.setup-done

# Loads every native library: a missing shared object shows here, with its name, and not in the middle of a demo.
PROBE := import cv2, mediapipe, numpy; mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=numpy.zeros((2, 2, 3), "u1"))

# With as many processes as cores, a library that starts a thread for each core only stands in their way.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OPENCV_FOR_THREADS_NUM=1

PYTEST     := $(ONE_THREAD) $(PY) -m pytest -n logical --maxprocesses 8 --dist worksteal

# $(call apt,FILE): Debian packages, only where we may install them and only if one is missing.
apt = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	&& dpkg-query -W -f='$${db:Status-Status}\n' $$(cat $(1)) 2>&1 | grep -qvx installed; then \
		echo "Installing system packages: $$(xargs <$(1))"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends $$(cat $(1)) >/dev/null; \
	fi

# $(call biome,WORDS): for JavaScript and CSS, of the version that package-lock.json pins; skipped where npm is absent.
biome = if command -v npm >/dev/null; then \
		{ [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent --no-audit --no-fund; } \
		&& npx --no-install biome $(1) --error-on-warnings; \
	else echo "npm is not here: JavaScript and CSS were left out."; fi

.PHONY: help setup run run-lan check test lint lint-js format bench measurements docs lock clean

help:  ## show this list (ARGS="..." goes to pytest, streamlit or uv)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(DONE)  ## make .venv from requirements.lock, and system packages where root and apt-get exist

# The stamp makes a second call instant. All tools are called as modules: scripts in .venv/bin break when the folder moves.
$(DONE): requirements.lock packages.txt liveness/models.py
	@$(call apt,packages.txt)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "LensLock needs Python 3.11 or newer, '$(PYTHON)' is not. Try: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) \
		|| { rm -rf $(VENV); echo "No virtual environment: install python3-venv (Debian, Ubuntu) or set PYTHON." >&2; exit 1; }
	@echo "Installing Python packages into $(VENV) (a minute or two)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	@$(PY) -c '$(PROBE)' \
		|| { echo "cv2 or mediapipe did not load. If a lib*.so is named above, install what packages.txt lists." >&2; exit 1; }
	@$(PY) -m liveness.models || echo "Without these models the face factor waits; the camera factor works."
	@touch $@

run: setup  ## start the app on http://127.0.0.1:PORT, by default 8501
	$(PY) -m streamlit run app.py --server.port $(PORT) $(ARGS)

run-lan: setup  ## start it for the phones of this network, too, over https
	$(PY) -m ui.shell.lan --port $(PORT) $(ARGS)

# In three parts: what drives a browser is not beside what keeps all cores busy, and a live check, which has a picture
# rate to keep, is beside nothing. Pytest ends with 5 where a part has no test that ARGS selects. They come last: a closing
# line of theirs is the last that a CI log shows.
test: lint  ## lint, types and tests; in CI (root, CI=true) also installs packages-test.txt
	@if [ "$$CI" = true ]; then $(call apt,packages-test.txt); fi
	$(PYTEST) -m "not browser" $(ARGS) || [ $$? = 5 ]
	$(PYTEST) -m "browser and not alone" $(ARGS) || [ $$? = 5 ]
	$(PY) -m pytest -m alone $(ARGS) || [ $$? = 5 ]

# What tells most in the least time: no browser, no database server, no real data, none that takes long.
check: lint  ## lint, types and the quick tests: three minutes on two cores
	$(PYTEST) -m "not (browser or postgres or data or slow)" $(ARGS) || [ $$? = 5 ]

lint: setup lint-js  ## ruff, mypy, and biome where npm is
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

lint-js:
	@$(call biome,check .)

format: setup  ## sort imports, apply safe fixes, format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	@$(call biome,check --write .)

bench: setup  ## run the benchmarks
	$(PY) -m pytest -p benchmark benchmarks $(ARGS)

measurements: setup  ## run what docs/measurements.md is made of, several hours (ARGS="--only NAME", ARGS=--tables)
	$(PY) -m docs.measurements $(ARGS)

docs: setup  ## rewrite what is generated in docs/, from code and recorded figures
	$(PY) -m docs.imports
	$(PY) -m docs.settings
	$(PY) -m docs.measurements --tables

lock: setup  ## remake requirements.lock; newer versions with ARGS=--upgrade
	$(PY) -m uv pip compile --universal --python-version 3.11 --fork-strategy fewest --quiet \
		--custom-compile-command "make lock" $(ARGS) requirements-dev.txt -o requirements.lock >/dev/null

clean:  ## remove .venv and all caches
	rm -rf $(VENV) node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
