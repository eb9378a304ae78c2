# Every target sets up what it needs by itself: a virtual environment, pinned packages, the native modules.
# On Debian 12 that takes: make gcc g++ python3.11-dev python3.11-venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# python3.11 where there is one (and it starts: version managers leave shims that do not), else python3.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for name in python3.11 python3; do $$name --version >/dev/null 2>&1 && { echo $$name; break; }; done)
endif
VENV ?= .venv
# release | debug; sanitize and coverage have their own targets, which build in a tree of their own.
SITO_BUILD ?= release
JOBS ?= 2
# Arguments for pytest in `make test`, `make sanitize` and `make coverage`, for example TESTS=tests/lists FLAGS=-x
TESTS ?= tests
FLAGS ?=
# For `make fuzz`: seconds for each target, and which (all of them by default).
SECONDS_EACH ?= 60
TARGET ?= all

BIN := $(VENV)/bin
PY := $(BIN)/python
STAMPS := $(VENV)/stamps
PIP := $(PY) -m pip --disable-pip-version-check --no-input
EXT_SOURCES := $(wildcard ext/sito_ext/*.pyx ext/sito_ext/*.pxd ext/sito_ext/*.h ext/sito_ext/*.hpp)
EXT_STAMP := $(STAMPS)/ext-$(SITO_BUILD)
# A module that came or went, or a library somebody removed: the stamp is no longer true.
ifneq ($(words $(wildcard ext/sito_ext/*.pyx)),$(words $(wildcard ext/sito_ext/*.so)))
FORCE ?= 1
.PHONY: $(EXT_STAMP)
endif
READY := $(STAMPS)/run $(STAMPS)/install $(EXT_STAMP)
READY_DEV := $(READY) $(STAMPS)/dev
PROTOS := $(wildcard proto/sito/v1/*.proto)
# cython-lint calls pycodestyle by name; stub test and mypy find the three source roots here.
export PATH := $(abspath $(BIN)):$(PATH)
export MYPYPATH := engine:ext:server
# As in setup.py for a release: what is tolerated there is tolerated here.
RELEASE_DIRECTIVES := -X boundscheck=False -X initializedcheck=False -X wraparound=False
# What Cython's output does by design; all other warnings of the C compiler are errors in `make check`.
GENERATED_C := -Wno-unused-parameter -Wno-missing-field-initializers -Wno-cast-function-type
say = @printf '\n== %s\n' "$(1)"

.PHONY: help dev ext demo test check bench bench-small bench-grpc bench-grpc-small bench-ledger bench-ledger-small bench-journal bench-journal-small bench-clients bench-clients-small bench-fes bench-fes-small story long sanitize fuzz coverage dist proto lock clean
.PHONY: check-native check-stubs check-proto proto-released

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# --- set-up -------------------------------------------------------------------------------------------------

$(STAMPS)/venv:
	$(call say,set-up 1 of 4: virtual environment in $(VENV))
	@test -n "$(PYTHON)" || { echo "sito needs Python 3.11 or later: apt install python3.11-dev python3.11-venv" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "sito needs Python 3.11 or later, got $$($(PYTHON) --version)" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "the venv module is missing: apt install python3.11-venv" >&2; exit 2; }
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: requirements/run.txt requirements/build.txt | $(STAMPS)/venv
	$(call say,set-up 2 of 4: packages that sito runs and compiles with)
	$(PIP) install --requirement requirements/build.txt --requirement requirements/run.txt
	@touch $@

# The native modules are compiled in place. Make does not see a change of flavour, nor do the compilers:
# another flavour's stamp means that every object and every generated C file must go first.
$(EXT_STAMP): $(EXT_SOURCES) setup.py requirements/build.txt | $(STAMPS)/run
	$(call say,set-up 3 of 4: native modules; flavour $(SITO_BUILD))
	@case "$(SITO_BUILD)" in release|debug) ;; \
		*) echo "SITO_BUILD must be release or debug here, got $(SITO_BUILD); see make sanitize, make coverage" >&2; exit 2 ;; esac
	@if [ -n "$$(find $(STAMPS) -name 'ext-*' ! -name 'ext-$(SITO_BUILD)')" ] || [ -n "$(FORCE)" ]; then \
		echo "clean rebuild"; rm -rf $(STAMPS)/ext-* build/cython-* build/objects-* ext/sito_ext/*.so ext/sito_ext/*.c; fi
	SITO_BUILD=$(SITO_BUILD) $(PY) setup.py --quiet build_ext --inplace --parallel $(JOBS)
	@touch $@

$(STAMPS)/install: pyproject.toml | $(STAMPS)/run $(EXT_STAMP)
	$(call say,set-up 4 of 4: sito itself, editable)
	SITO_BUILD=none $(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(STAMPS)/dev: requirements/dev.txt requirements/run.txt requirements/build.txt | $(STAMPS)/run
	$(call say,set-up: packages for tests and checks)
	$(PIP) install --requirement requirements/dev.txt
	@touch $@

dev: $(READY_DEV) ## set everything up, and nothing more

ext: | $(STAMPS)/run ## rebuild the native modules from scratch (SITO_BUILD=release|debug)
	@rm -f $(STAMPS)/ext-*
	@$(MAKE) --no-print-directory FORCE=1 $(EXT_STAMP)

# --- what people run ----------------------------------------------------------------------------------------

demo: $(READY) ## build an index from the shipped lists, screen the shipped payments, show the hits
	$(call say,demo)
	@$(PY) -m demo --output demo-out

story: $(READY_DEV) ## from a hit to the accepted receipt: one story on SQLite and PostgreSQL, with the same words
	$(call say,story)
	@$(PY) -m demo.story

test: $(READY_DEV) ## the whole test suite
	$(call say,tests)
	$(PY) -m pytest -n $(JOBS) --dist worksteal --benchmark-disable -m "not long" $(FLAGS) $(TESTS)

check: $(READY_DEV) check-native check-stubs check-proto ## linters, types, stubs, wire contract, house rules
	$(call say,ruff)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	$(call say,mypy)
	@$(BIN)/mypy
	$(call say,house rules)
	@$(PY) -m pytest -q --no-header tests/test_tidy.py

check-native: $(READY_DEV)
	$(call say,cython-lint; and Cython and the C compiler without a warning or performance hint)
	@if ls ext/sito_ext/*.pyx >/dev/null 2>&1; then \
		$(BIN)/cython-lint ext/sito_ext; rm -rf build/lint; mkdir -p build/lint; \
		for source in ext/sito_ext/*.pyx; do \
			$(BIN)/cython -3 -I ext $(RELEASE_DIRECTIVES) -o build/lint/$$(basename $$source).c $$source >build/lint/messages 2>&1 \
				&& ! grep -qE 'warning|performance hint' build/lint/messages || { cat build/lint/messages; exit 1; }; \
			$(CC) -O2 -Wall -Wextra -Werror $(GENERATED_C) -I "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
				-c build/lint/$$(basename $$source).c -o build/lint/object.o; \
		done; fi

check-stubs: $(READY_DEV)
	$(call say,stub test of the native modules)
	@modules="$$(for source in ext/sito_ext/*.pyx; do [ -e "$$source" ] && echo "sito_ext.$$(basename $$source .pyx)"; done || true)"; \
		if [ -n "$$modules" ]; then \
			$(PY) -m mypy.stubtest --ignore-unused-allowlist --allowlist <(echo 'sito_ext\.\w+\.__pyx_capi__') $$modules; else echo "no native module"; fi

check-proto: $(READY_DEV)
ifneq ($(PROTOS),)
	$(call say,buf lint; nothing breaks clients of the last release; and the generated classes are those of the contract)
	@$(BIN)/buf lint proto
	@# Against a file, not a tag: it is there in a shallow clone and in an unpacked sdist, too.
	@$(BIN)/buf breaking proto --against proto/released.json
	@rm -rf build/proto && mkdir -p build/proto
	@$(PY) -m grpc_tools.protoc -Iproto --python_out=build/proto --pyi_out=build/proto --grpc_python_out=build/proto $(PROTOS)
	@for file in build/proto/sito/v1/*; do diff -q $$file engine/sito/v1/ || { echo "run make proto" >&2; exit 1; }; done
endif

bench: $(READY_DEV) ## speed and recall against the peers, full size
	$(call say,bench; full size)
	@mkdir -p bench-out
	$(PY) -m bench --size full --output bench-out
	$(PY) -m bench.build --size full --output bench-out
	$(PY) -m bench.ledger --size full --output bench-out
	$(PY) -m pytest bench --benchmark-only --benchmark-columns=min,median,stddev,rounds --benchmark-json=bench-out/steps.json

bench-small: $(READY_DEV)
	$(call say,bench; small size)
	@mkdir -p bench-out
	$(PY) -m bench --size small --output bench-out
	$(PY) -m bench.build --size small --output bench-out
	$(PY) -m bench.ledger --size small --output bench-out

bench-grpc: $(READY_DEV) ## the service beside the engine, full size, outside clients too (h2load and Node, if they are there)
	$(call say,bench of the service; full size)
	$(PY) -m bench.grpc --size full --output bench-out

bench-grpc-small: $(READY_DEV)
	$(call say,bench of the service; small size)
	@# The median p99, and how much faster batches are, depend on what else the machine does: they are told, and fail nothing.
	$(PY) -m bench.grpc --size small --gates cost,inline,calm,reading --output bench-out

bench-ledger: $(READY_DEV) ## durable case events a second in SQLite and PostgreSQL, beside the disk's own commits, full size
	$(call say,bench of the ledger; full size)
	$(PY) -m bench.ledger --size full --output bench-out

bench-clients: $(READY_DEV) ## a night of 1 % changed entries against 200 000 clients, beside full screenings
	$(call say,bench of the client base; full size)
	$(PY) -m bench.clients --size full --output bench-out

bench-clients-small: $(READY_DEV)
	$(call say,bench of the client base; small size)
	$(PY) -m bench.clients --size small --output bench-out

bench-fes: $(READY_DEV) ## messages to Rosfinmonitoring written and validated a second of one core, 100 000 of them
	$(call say,bench of messages; full size)
	$(PY) -m bench.fes --size full --output bench-out

bench-fes-small: $(READY_DEV)
	$(call say,bench of messages; small size)
	$(PY) -m bench.fes --size small --output bench-out

bench-ledger-small: $(READY_DEV)
	$(call say,bench of the ledger; small size)
	$(PY) -m bench.ledger --size small --output bench-out

bench-journal: $(READY_DEV) ## batches over gRPC with the journal on, beside the same without, full size
	$(call say,bench of the journal; full size)
	$(PY) -m bench.journal --size full --output bench-out

bench-journal-small: $(READY_DEV)
	$(call say,bench of the journal; small size)
	$(PY) -m bench.journal --size small --loss-max 0.25 --output bench-out

long: $(READY_DEV) ## full-size crash, soak and fuzz runs
	$(call say,tests marked long)
	$(PY) -m pytest --benchmark-disable -m long --timeout 3600 --hypothesis-profile long $(FLAGS) $(TESTS) \
		|| [ $$? -eq 5 ]
	@$(MAKE) --no-print-directory fuzz SECONDS_EACH=300
	@# Half an hour more each for the two kernels that every listed and screened name goes through.
	@$(MAKE) --no-print-directory fuzz TARGET=fold SECONDS_EACH=1800
	@$(MAKE) --no-print-directory fuzz TARGET=scorer SECONDS_EACH=1800

fuzz: $(READY_DEV) ## mutated input against every reader and kernel (TARGET=name SECONDS_EACH=60)
	$(call say,fuzz; $(SECONDS_EACH) s for each target)
	@$(PY) tests/fuzz/run.py --target $(TARGET) --seconds $(SECONDS_EACH)

# --- builds in trees of their own: the modules in ext/ are left alone ------------------------------------------

define copy_tree
	@mkdir -p build/$(1)/tree
	@find build/$(1)/tree -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
	@tar --create --exclude-vcs --exclude='*.so' --exclude='__pycache__' --exclude='./.venv*' --exclude='./$(VENV)' --exclude='./build' \
		--exclude='./dist' --exclude='./*-out' --exclude='./.mypy_cache' --exclude='./.ruff_cache' --exclude='*.egg-info' . \
		| tar --extract --directory build/$(1)/tree
endef
TREE_PATH = PYTHONPATH=$(CURDIR)/build/$(1)/tree/engine:$(CURDIR)/build/$(1)/tree/ext:$(CURDIR)/build/$(1)/tree/server
TREE_PYTHON = $(abspath $(PY))

sanitize: $(READY_DEV) ## the test suite under the address and undefined-behaviour sanitizers
	$(call say,native modules; flavour sanitize; in build/sanitize)
	$(call copy_tree,sanitize)
	cd build/sanitize/tree && SITO_BUILD=sanitize $(TREE_PYTHON) setup.py --quiet build_ext --inplace --parallel $(JOBS)
	$(call say,tests under the sanitizers)
	@# libstdc++ too: the sanitizer looks its exception functions up at start, and Python itself is not C++.
	cd build/sanitize/tree && $(call TREE_PATH,sanitize) PYTHONMALLOC=malloc \
		LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so) $$(gcc -print-file-name=libstdc++.so)" \
		ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:abort_on_error=1 \
		UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 SITO_TEST_PATIENCE=10 \
		$(TREE_PYTHON) -m pytest -n $(JOBS) --dist worksteal --benchmark-disable -m "not long" --timeout 900 $(FLAGS) $(TESTS)

coverage: $(READY_DEV) ## line coverage of Python and Cython, in build/coverage/html
	$(call say,native modules; flavour coverage; in build/coverage)
	$(call copy_tree,coverage)
	cd build/coverage/tree && SITO_BUILD=coverage $(TREE_PYTHON) setup.py --quiet build_ext --inplace --parallel $(JOBS)
	$(call say,tests with line tracing)
	cd build/coverage/tree && $(call TREE_PATH,coverage) COVERAGE_CORE=ctrace SITO_TEST_PATIENCE=20 $(TREE_PYTHON) -m pytest -n $(JOBS) --dist worksteal \
		--benchmark-disable -m "not long" --timeout 900 --cov --cov-report=term:skip-covered --cov-report=html:../html $(FLAGS) $(TESTS)

# --- packages -------------------------------------------------------------------------------------------------

dist: $(READY_DEV) ## sdist and wheel, looked into and installed in a fresh environment
	$(call say,sdist and wheel)
	@rm -rf dist build/dist-venv
	@# The wheel is built from the unpacked sdist, so it shows that the sdist is complete.
	SITO_BUILD=release $(PY) -m build --no-isolation --outdir dist .
	$(call say,what is inside)
	@$(PY) tests/check_dist.py dist
	$(call say,the wheel in a fresh environment)
	@$(PYTHON) -m venv build/dist-venv
	build/dist-venv/bin/python -m pip --disable-pip-version-check install --quiet --constraint requirements/run.txt dist/*.whl
	@cd build/dist-venv && bin/sito --version && bin/python -I -c 'import sito, sito_ext; print(sito.__file__)' | grep -q site-packages
	@cd build/dist-venv && bin/sito build $(CURDIR)/demo/lists/ru/te.xml --output te.index
	@# Exit code 1 says that the listed name was found.
	@cd build/dist-venv && { found=0; bin/sito check "Chertopolokhov Evlampiy" --index te.index --exit-code || found=$$?; [ $$found -eq 1 ]; }
	@echo "dist: ok"

proto: $(READY_DEV) ## regenerate engine/sito/v1 from proto/
	@test -n "$(PROTOS)" || { echo "no .proto file in proto/sito/v1" >&2; exit 2; }
	$(PY) -m grpc_tools.protoc -Iproto --python_out=engine --pyi_out=engine --grpc_python_out=engine $(PROTOS)

proto-released: $(READY_DEV) ## part of a release: from now on the contract of today must not break
	@$(BIN)/buf build proto --exclude-source-info --output build/released.json
	@$(PY) -m json.tool --indent 1 build/released.json proto/released.json

lock: | $(STAMPS)/venv ## renew requirements/ from pyproject.toml
	$(call say,newest versions that pyproject.toml allows)
	@rm -rf build/lock && mkdir -p build/lock
	@$(PY) -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb")); d = p["project"]; \
		w = lambda n, r: open(f"build/lock/{n}.in", "w").write("\n".join(r) + "\n"); \
		w("build", p["build-system"]["requires"]); w("run", d["dependencies"]); w("dev", d["optional-dependencies"]["dev"])'
	@lock() { $$VIRTUAL/bin/python -m pip --disable-pip-version-check install --quiet -r build/lock/$$1.in; \
			$$VIRTUAL/bin/python -m pip --disable-pip-version-check freeze --all | grep -ivE '^(pip|wheel)=='; }; \
		fresh() { VIRTUAL=build/lock/$$1-venv; $(PYTHON) -m venv $$VIRTUAL; $$VIRTUAL/bin/python -m pip --disable-pip-version-check uninstall --quiet --yes setuptools || true; }; \
		fresh build; lock build > build/lock/build.txt; \
		fresh run; lock run > build/lock/run.txt; \
		lock build > build/lock/both.txt; lock dev | grep -vxFf build/lock/both.txt > build/lock/dev.txt; \
		{ echo '# To compile the native modules: exact versions. Written by `make lock`.'; cat build/lock/build.txt; } > requirements/build.txt; \
		{ echo '# To run sito: exact versions. Written by `make lock`.'; cat build/lock/run.txt; } > requirements/run.txt; \
		{ echo '# To test, check and package sito: exact versions. Written by `make lock`.'; printf -- '-r build.txt\n-r run.txt\n'; cat build/lock/dev.txt; } > requirements/dev.txt
	@wc -l requirements/*.txt

clean: ## remove everything that was made, the virtual environment too
	rm -rf $(VENV) build dist demo-out bench-out htmlcov .coverage .mypy_cache .ruff_cache .hypothesis .benchmarks
	rm -rf *.egg-info engine/*.egg-info ext/sito_ext/*.so ext/sito_ext/*.c
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
