# Every target sets itself up: the first call makes .venv from requirements.lock, later calls start at once.
PYTHON ?= python3
VENV ?= .venv
RUN = $(VENV)/bin/python
MODEL ?= pocket-gpt
MORE ?=
AS_ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)  # in a container; Jupyter listens on this machine alone

.PHONY: app lab race test check setup pretrain bench clean help

help:                 ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

app: setup            ## open the workbench in a browser
	$(RUN) app.py

lab: setup            ## open the notebooks in JupyterLab, the first lesson before you
	$(RUN) -m jupyterlab $(firstword $(wildcard notebooks/00*.ipynb) notebooks/) $(AS_ROOT)

race: setup           ## six methods on the bundled model, live in the terminal, then report.html
	$(RUN) -m workbench race --model pocket-gpt --task describe \
		-m none,full,adapter,prefix,prompt,lora --report report.html $(MORE)

test: setup           ## all tests, three at a time, since many wait for a browser; no network, no GPU
	OMP_NUM_THREADS=1 $(RUN) -m pytest --numprocesses 3 --dist worksteal

check: setup          ## format, lint, types and layers
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(RUN) -m pytest tests/test_layers.py

pretrain: setup       ## repeat the pretraining of MODEL (hours on a CPU; stop and call again to go on)
	$(RUN) -m workbench.pretraining --model $(MODEL)

bench: setup          ## speed against the Hugging Face Trainer
	$(RUN) bench/throughput.py

setup: $(VENV)/ready  ## only the set-up

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3,11),(3,12),(3,13)))' \
		|| { echo "Python 3.11 to 3.13 is needed; say which with make PYTHON=python3.12 ..."; exit 1; }
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-compile --requirement requirements.lock
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --editable .
	PYTHONDONTWRITEBYTECODE= $(RUN) -c 'from workbench.methods.peft_models import import_peft; import_peft(); import workbench.training.race, workbench.ui.page'  # compiled for later starts
	@touch $@

clean:                ## remove the set-up and what was built
	rm -rf $(VENV) build *.egg-info report.html
