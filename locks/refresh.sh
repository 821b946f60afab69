#!/usr/bin/env bash
# Resolve all locks anew: `make lock`. Arguments go to uv, e.g. `--upgrade-package langsmith` in place of `--upgrade`.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}
compile() { # FILE, then what it holds
  local file=$1; shift
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
    --custom-compile-command "make lock" "${changes[@]}" "$@" --output-file "locks/$file"
}
changes=("${@:---upgrade}")
compile tools.txt --group tools
compile lint.txt pyproject.toml --extra demo --extra ray --extra spark --extra otel --extra prometheus --extra pictures --group build --group test --group lint
compile conformance.txt pyproject.toml --extra all --group build --group test --group conformance
compile bench.txt pyproject.toml --extra demo --group build --group bench
changes=(--constraint locks/lint.txt) # the smaller ones are parts of it
compile test.txt pyproject.toml --extra demo --extra ray --extra spark --extra otel --extra prometheus --extra pictures --group build --group test
compile demo.txt pyproject.toml --extra demo --group build
