# `make` sets up and runs; `make help` lists the rest.
# Needs python3 (3.11, 3.12 or 3.13) and git; all else is installed into .venv.

PYTHON ?= python3
DATASETS ?=
CORES ?=
WORKERS ?= 2
INSTALLER ?= uv

# A slip in the name of the variable, or an empty one, must not run something else than was meant.
NAMING := write make DATASETS="my_clinic example", or plain make for the datasets of config.yaml
ifneq ($(origin DATASETS),file)
ifeq ($(strip $(DATASETS)),)
$(error DATASETS is given but empty: $(NAMING))
endif
endif
$(foreach slip,datasets dataset DATASET,$(if $(filter command,$(origin $(slip))),\
	$(error make knows DATASETS, not $(slip): $(NAMING))))

# Relative, so that a space in the folder's name does no harm.
PY := .venv/bin/python
LOCKING := pip compile --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --custom-compile-command "make lock" --quiet $(UPGRADE)
PYTEST := $(PY) -m pytest tests -n $(WORKERS) --dist loadscope --durations 10
RULES := $(wildcard Snakefile workflow/rules/*.smk)

# Bytecode is kept, text is UTF-8, and linear algebra gives the same bytes on any number of cores.
unexport PYTHONPATH PYTHONHOME
export PYTHONDONTWRITEBYTECODE :=
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PATH := $(CURDIR)/.venv/bin:$(PATH)
test check test-long: export LC_ALL := C.UTF-8

# An environment knows its own folder: one that was moved or copied is built anew.
ifneq ($(shell test -x $(PY) && cat .venv/here 2>/dev/null),$(CURDIR))
STALE := .FORCE
endif

.PHONY: run setup test check lint test-long benchmark coverage format lock notebooks clean help .FORCE
.DEFAULT_GOAL := run

run: .venv/run.stamp ## set up if needed and run to results/index.html (DATASETS="a b", CORES=2, BLINDED=1)
	@$(PY) -m attunement run $(if $(CORES),--cores $(CORES)) $(if $(BLINDED),--blinded) $(DATASETS)

setup: .venv/run.stamp ## only set up the virtual environment

test: lint ## all tests (about a quarter of an hour)
	@$(PYTEST) -m "not slow"

check: lint ## the quick tests: style, types, units, specifications, reference values
	@$(PYTEST) -m "not slow and not workflow and not browser and not office"

test-long: lint ## everything, simulations of coverage and recovery too (about an hour)
	@$(PYTEST) --timeout 3600

lint: .venv/dev.stamp ## style, types, and who may import whom
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(if $(RULES),$(PY) -m snakefmt --check $(RULES))
	@$(PY) -m mypy
	@$(PY) -c "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo'])"

benchmark: .venv/run.stamp ## time the multilevel engine beside others (ten minutes; OPTIONS="S1 S2")
	@$(PY) tests/benchmark/run.py $(OPTIONS)

coverage: .venv/run.stamp ## how often intervals hold the truth, 15,000 simulated studies (ten minutes)
	@$(PY) tests/benchmark/coverage_study.py $(OPTIONS)

format: .venv/dev.stamp ## put code and rules into the house style
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .
	@$(if $(RULES),$(PY) -m snakefmt $(RULES))

lock: .venv/run.stamp ## pin what pyproject.toml asks for (UPGRADE=--upgrade takes newer versions)
	@$(PY) -m uv $(LOCKING) --group setup -o requirements.lock pyproject.toml
	@$(PY) -m uv $(LOCKING) --group setup --group dev -c requirements.lock \
		-o requirements-dev.lock pyproject.toml
	@$(PY) -m attunement.study.environment

notebooks: .venv/run.stamp ## open the notebooks in JupyterLab
	@$(PY) -m jupyterlab notebooks

clean: ## remove the environment and everything generated; data stay
	rm -rf .venv results .snakemake .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1|\2/p' Makefile | \
		while IFS='|' read -r target words; do printf '  %-16s %s\n' "$$target" "$$words"; done

.venv/run.stamp: requirements.lock pyproject.toml $(STALE)
	@$(find_python)
	@$(call install,requirements.lock)
	@echo "Compiling the statistical engine (once, about 20 seconds)"
	@$(call compile)
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	@echo "Adding what the tests need (once)"
	@$(call install,requirements-dev.lock)
	@touch $@

# The first fitting Python makes the environment.
define find_python
if test "$$(cat .venv/here 2>/dev/null)" = "$(CURDIR)" && test -x $(PY); then exit 0; fi; \
for python in "$(PYTHON)" python3.13 python3.12 python3.11; do \
	if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		2>/dev/null; then \
		echo "Setting up .venv with $$("$$python" --version) (once, about a minute)"; \
		if "$$python" -m venv --clear .venv; then \
			printf '%s\n' "$(CURDIR)" > .venv/here; exit 0; \
		fi; \
		echo "$$python could not make a virtual environment (on Debian and Ubuntu:" \
			"install python3-venv)." >&2; exit 1; \
	fi; \
done; \
found="$$("$(PYTHON)" --version 2>/dev/null || echo "no $(PYTHON)")"; \
echo "Attunement needs Python 3.11, 3.12 or 3.13; found: $$found." \
	"Install one and say which: make PYTHON=/path/to/python3.13" >&2; exit 1
endef

# The inner loops of both kinds of model, side by side; what is compiled lies beside the sources.
define compile
for pair in "elimination slope" "linear logistic"; do \
	set -- $$pair; \
	$(PY) -m attunement.mixed.warm_up $$1 & first=$$!; \
	$(PY) -m attunement.mixed.warm_up $$2 && wait $$first || exit 1; \
done
endef

# uv comes through pip, checked by its hash; where it cannot be had, pip does all (slower).
define install
set -e; uv=$(INSTALLER); \
if test "$$uv" = uv; then \
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt; \
	$(PY) -m pip install -qq --no-deps --require-hashes --only-binary :all: \
		-r .venv/uv.txt || uv=pip; \
fi; \
if test "$$uv" = uv; then \
	$(PY) -m uv pip sync --quiet --python $(PY) --compile-bytecode \
		--require-hashes --build-constraints requirements.lock $(1); \
	$(PY) -m uv pip install --quiet --python $(PY) --no-build-isolation --no-deps -e .; \
else \
	echo "Installing with pip (slower than uv)"; \
	sed '/^uv==/,/[^\\]$$/d' $(1) > .venv/pip.txt; \
	$(PY) -m pip install -qq --no-deps --require-hashes -r .venv/pip.txt; \
	$(PY) -m pip install -qq --no-build-isolation --no-deps -e .; \
fi
endef
