# A thin front for meson. On a bare Debian 12 with git, make and apt, `make run` and `make test` do
# everything themselves; DEPS=no leaves the package manager alone.

SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: build run test lab accuracy bench check fuzz dist install clean help deps-%

ifeq ($(DEPS),no)
deps-%: ; @:
else
deps-%: ; @scripts/install-deps.sh $(subst +, ,$*)
endif

build: deps-build
	@scripts/build.sh build wheredrop lab-traffic manuals --

# The diagnosis answers with 0, 1 or 3; anything else means that it did not run.
run: build
	@build/wheredrop $(ARGS); status=$$?; echo "wheredrop: exit status $$status"; \
		[ $$status -le 1 ] || [ $$status -eq 3 ]

test: deps-build+test
	@scripts/test.sh

lab: deps-build+test
	@scripts/build.sh build wheredrop lab-traffic --
	@lab/run all

accuracy: deps-build+test
	@scripts/build.sh build wheredrop lab-traffic lab-without-bpf --
	@scripts/accuracy.sh

bench: deps-build+test+bench
	@scripts/build.sh build wheredrop lab-traffic tests/bench-sources tests/sampler-window tests/bench-attach --
	@scripts/bench.sh

check: deps-build+check
	@scripts/check.sh $(ONLY)

fuzz: deps-build+fuzz
	@scripts/fuzz.sh $(NAME) $(SECONDS)

dist: deps-build
	@scripts/dist.sh

install: build
	@meson install -C build --no-rebuild

clean:
	rm -rf build build-asan build-analyzer build-fuzz build-dist

help:
	@echo 'make            build build/wheredrop'
	@echo 'make run        install what is missing, build, diagnose this host for ten seconds (ARGS=... for more)'
	@echo 'make test       install what is missing, build, run every test (QUICK=1: not the slow ones, ONLY=REGEX: some)'
	@echo 'make lab        every fault of the lab, and the table of truth and answer'
	@echo 'make accuracy   the exam on three kernels: docs/ACCURACY.md (SEED=1; FULL=1 for the whole matrix, which takes hours)'
	@echo 'make check      format, static analysis, layout (ONLY="format tidy": some)'
	@echo 'make fuzz       fuzz one parser: NAME=parse SECONDS=60'
	@echo 'make bench      figures beside the peers, as ratios from one run'
	@echo 'make dist       one static binary: build/dist/wheredrop'
	@echo 'make install    DESTDIR is honoured; the prefix is set with: meson configure build -Dprefix=/usr'
	@echo 'DEPS=no         with any of them: do not touch the package manager'
