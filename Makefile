# `make` alone lists what can be done.
VENV := .venv
BIN := $(VENV)/bin
# Two on each core: some tests wait for a device, a line or a process of their own.
WORKERS := $(shell expr 2 \* $$(nproc))

# `make test-windows PERSON=` runs the tests alone.
PERSON := yes

# Which mutants are drawn, and how many; all of them take hours.
SEED := 1
SAMPLE := 700

# Python keeps what it compiled beside the environment, also where the machine forbids it beside the sources: else
# each process that a test starts compiles every file again.
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/compiled
unexport PYTHONDONTWRITEBYTECODE
# As the program itself has it: the small matrices of prints are computed faster by one thread than by two that wait.
export OPENBLAS_NUM_THREADS := 1
# What a kill leaves is in memory either way and a power cut is played: with room there, no test waits for a true disk.
MEMORY := $(shell df -k --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 4000000 { print "/dev/shm" }')
IN_MEMORY := $(if $(MEMORY),PYTEST_DEBUG_TEMPROOT=$(MEMORY))

.DEFAULT_GOAL := help
.PHONY: help setup run run-province demo manual test test-days test-windows check bench budget budget-rest bench-gateway mutants faults package package-test clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (Debian libraries, uv, locked Python packages); starts nothing
	@sh packaging/setup.sh

run: setup ## start the program with the simulated kit and an embedded data center
	@$(BIN)/fieldkit run --demo

run-province: setup ## PostgreSQL, S3, two workers, an opener and three sending laptops on this machine; Ctrl-C ends all
	@$(BIN)/python packaging/gateway/province.py

demo: setup ## one outreach day with four people, then the five SOPs; pictures and papers in out/demo and out/sop
	@$(BIN)/fieldkit demo --people 4 --out out/demo
	@$(BIN)/fieldkit demo --outreach --out out/sop

manual: setup ## the manual in Indonesian, pages and a PDF with the pictures of the last `make demo`, in out/panduan
	@$(BIN)/python packaging/manual.py

TESTS = $(IN_MEMORY) $(BIN)/python -m pytest -rs --workers $(WORKERS) --ignore tests/benchmarks

test: setup ## the tests with one whole day; what was skipped is named with its reason
	@echo "test: reading the tests, then running them in $(WORKERS) processes; the first dot comes after some ten seconds"
	@$(TESTS) -m "not faults and not days"

test-days: setup ## the long tests: five SOPs walked, a bad week, every screen at every size, the costliest of the others
	@echo "test-days: reading the tests, then running them in $(WORKERS) processes; the first dot comes after some minutes"
	@$(TESTS) -m days --timeout 0 --durations 20

test-windows: setup ## the tests of the kit's rooms on Windows' own Python under Wine, then one person (PERSON= leaves that out)
	@$(BIN)/python packaging/windows/wine.py
	@$(if $(PERSON),$(BIN)/python packaging/windows/wine.py --person)

check: setup ## style, types, layers, file sizes, tests beside sources, messages in both languages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python packaging/checks/house.py

bench: setup ## how long things take, as ratios
	@$(BIN)/python -m pytest -rs --no-qt-log --show-capture no --tb line tests/benchmarks \
		--ignore tests/benchmarks/test_gateway_load.py --ignore tests/benchmarks/test_gateway_scale.py \
		--ignore tests/benchmarks/test_kit_goodput.py --ignore tests/benchmarks/test_rest.py --ignore tests/benchmarks/test_memory.py \
		--ignore tests/benchmarks/test_budget.py

budget: setup ## a kit after years of work beside a new one, from outside: start, sign-in, memory, backup, audit, exchange, stalls, rest, disk
	@$(BIN)/python -m pytest -rs --no-qt-log --show-capture no --tb line tests/benchmarks/test_budget.py

budget-rest: setup ## a signed-in kit left alone for ten minutes, then thirty people: processor, wake-ups, memory
	@$(BIN)/python -m pytest -rs --no-qt-log --show-capture no --tb line tests/benchmarks/test_rest.py tests/benchmarks/test_memory.py

# LOAD=quick sends a twentieth of it and judges nothing.
LOAD := whole
bench-gateway: setup ## many kits at once against the data center in both sizes, and a million records (LOAD=quick)
	@FIELDKIT_GATEWAY_LOAD=$(LOAD) $(BIN)/python -m pytest -rs --no-qt-log --show-capture no -s --tb line \
		tests/benchmarks/test_gateway_load.py tests/benchmarks/test_gateway_scale.py tests/benchmarks/test_kit_goodput.py

mutants: setup ## drop one condition at a time in a sample of every room: do its tests notice? (SEED=2 SAMPLE=600)
	@nice -n 15 $(BIN)/python packaging/checks/mutants.py --seed $(SEED) --sample $(SAMPLE)

faults: setup ## crashes, power cuts, full disks, lying networks and random input, in long sweeps that say their counts
	@FIELDKIT_ALL_EXAMPLES=1 $(TESTS) -m faults --share test -v -rP --timeout 0 --durations 40

package: setup ## Debian packages with their lists of parts, in dist; PICTURES=out/panduan after `make manual`: its pictures too
	@$(BIN)/python packaging/package.py $(if $(PICTURES),--pictures $(PICTURES))

package-test: package ## install, enrol, record, upgrade (from OLDER=COMMIT) and purge them in a bare Debian 12 (root, debootstrap)
	@sh packaging/package_test.sh $(BIN)/python $(or $(OLDER),HEAD)

clean: ## remove what builds, tests and demos left (the environment stays)
	@rm -rf out home-demo dist build .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	@find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
