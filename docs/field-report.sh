#!/usr/bin/env bash
# Writes docs/field-report.md: real servers, started here, under load, each row five times.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec "${GO:-go}" run ./internal/fieldreport -tussle ./tussle -runs "${RUNS:-5}" -o docs/field-report.md
