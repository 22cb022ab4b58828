#!/usr/bin/env bash
# Writes docs/field-report.md: real servers, started here, under load.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec "${GO:-go}" run ./internal/fieldreport -tussle ./tussle -o docs/field-report.md
