#!/usr/bin/env bash
# Pin every dependency with its hashes: runtime.txt for the product, dev.txt for its checks.
set -eu
cd "$(dirname "$0")/.."
lock="${UV:-.venv/bin/uv} pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --group build"
$lock -o requirements/runtime.txt
$lock --group dev -c requirements/runtime.txt -o requirements/dev.txt
