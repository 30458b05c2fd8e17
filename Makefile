# Everything happens inside .venv; no target needs more than Python 3.10, a C++20 compiler and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml CMakeLists.txt \
	$(shell find csrc python tests/cpp -type f -not -name '*.pyc')

.PHONY: demo test test-cpp test-python lint format asan tsan wheel clean

# Encodes, decodes and verifies a corpus that ships with the project.
demo: $(VENV)/.installed-cli
	$(BIN)/tokmill demo

test: test-cpp test-python

test-cpp: $(VENV)/.installed-test
	$(BIN)/ctest --test-dir build/pip --output-on-failure

test-python: $(VENV)/.installed-test
	$(BIN)/python -m pytest --numprocesses auto

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	git ls-files '*.cpp' '*.h' | xargs $(BIN)/clang-format --dry-run --Werror

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	git ls-files '*.cpp' '*.h' | xargs $(BIN)/clang-format -i

# The C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer, or under ThreadSanitizer.
asan tsan: $(VENV)/.installed-test
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --preset $@
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --build --preset $@
	PATH="$(CURDIR)/$(BIN):$$PATH" ctest --preset $@

wheel: $(VENV)/bin/python
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

clean:
	rm -rf build dist $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# One stamp for each set of extras; a change of any source installs the package again. The build
# tree is kept, so that only what changed is compiled. Developers get the C++ tests from the same
# build.
$(VENV)/.installed-%: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet \
		--config-settings=build-dir=build/pip \
		--config-settings=cmake.define.TOKMILL_BUILD_TESTS=$(if $(filter cli,$*),OFF,ON) '.[$*]'
	touch $@
