# `make help` says what there is. The work is done by scripts/.

MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help demo test build release format bench clean

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 16

demo: ## set up, build, run the quickstart's tasks and show what they stored
	@scripts/demo.sh

test: ## set up and run all checks
	@scripts/test.sh

build: ## build for development
	@scripts/setup.sh
	swift build

release: ## build the workerhost program as it is shipped
	@scripts/release.sh

format: ## format the Swift files
	@scripts/format.sh

bench: ## measure; prints JSON lines
	@scripts/bench.sh

clean: ## remove everything that was built, and the examples' state
	@scripts/clean.sh
