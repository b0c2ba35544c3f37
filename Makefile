# `make grade` and `make test` do all their own set-up; nothing is assumed but Python >= 3.11 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# Two thirds of all code; what is imported of it is compiled then.
SELDOM := /(tests?|_inductor|onnx|torch/testing/_internal|pip|setuptools|sklearn|networkx|_vendored)/
# Debian's pip would run the setup.py of what comes as source, in a way that its tools have given up.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt
PIP = $(BIN)/python $(PIP_INSTALL) --no-compile

.PHONY: setup grade class test test-odd test-full test-wheel lint types layers audit audit-full drawing schema clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) torch
	$(PIP) -e '.[dev]'
	@$(BIN)/python -m compileall -q -j 0 -x '$(SELDOM)' $(VENV)/lib >/dev/null || true # pip does it on one core; some are not meant for this Python
	@$(BIN)/python -c 'import torch._dynamo' # a sandbox cannot keep what it compiles
	@touch $(STAMP)

grade: setup
	@$(BIN)/python examples/grade.py

class: setup # a made-up class of 40, graded with a kill in the middle; see build/class
	@$(BIN)/python examples/a_class.py

test: setup
	$(BIN)/python -m pytest -m "not full" -n 2 --dist loadgroup

# What writes and reads text. A browser and a script's own interpreter bring a locale of their own.
ODD := tests/test_text.py tests/present tests/judge/test_reasons.py tests/submission/test_find.py \
	--ignore tests/present/test_browser.py --ignore tests/present/test_script.py

test-odd: setup # a locale without ✗, and an error for each file that is opened without an encoding
	LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 PYTHONWARNDEFAULTENCODING=1 $(BIN)/python -m pytest -n 2 --dist loadgroup $(ODD)

test-full: setup
	$(BIN)/python -m pytest -n 2 --dist loadgroup
	KATA_TEST_ISOLATION=process $(BIN)/python -m pytest tests/test_attacks.py -m "not full" -n 2 --dist loadgroup

# The tests beside an installed wheel, in an environment that holds nothing else, and no checkout.
# The few that look at the checkout itself are left out (tests/conftest.py).
WHEEL := build/test-wheel

test-wheel: setup
	rm -rf $(WHEEL)
	mkdir -p $(WHEEL)/beside
	$(BIN)/python -m pip wheel . --no-deps --quiet -w $(WHEEL)
	$(PYTHON) -m venv $(WHEEL)/venv
	$(WHEEL)/venv/bin/python $(PIP_INSTALL) torch
	$(WHEEL)/venv/bin/python $(PIP_INSTALL) "$$(ls $(WHEEL)/*.whl)[dev]"
	cp -R tests docs benchmarks examples pyproject.toml constraints.txt $(WHEEL)/beside
	cd $(WHEEL)/beside && ../venv/bin/python -m pytest -m "not full" -n 2 --dist loadgroup

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

audit: setup
	$(BIN)/kata audit --seeds $(or $(SEEDS),1) --share $(or $(SHARE),1) $(if $(JOBS),--jobs $(JOBS))

audit-full: setup # also what trains: some 40 minutes on two cores
	$(BIN)/kata audit --seeds $(or $(SEEDS),1) --training

drawing: setup
	$(BIN)/python docs/draw_imports.py

consoles: setup # what the documentation's commands print, and the screenshot
	$(BIN)/python docs/consoles.py

schema: setup
	$(BIN)/python -m grader.verdict > docs/verdict.schema.json

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
