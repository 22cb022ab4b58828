#!/usr/bin/env bash
# The study: every scheme of the sql target on a real PostgreSQL, 1 to 64
# clients, one hot row and 1,000 rows, think time inside and outside the
# transaction, 1 and 10 connections: eight cells. About half an hour on an idle
# machine of 2 cores: 3 minutes for a cell with one row, 4 or 5 for one with
# 1,000, which are set up anew for every block.
#
# A cell whose report.json is there is not run again: remove it, or the
# directory of the cell, to repeat it. At the end docs/study/README.md is
# written from the reports.
#
#   DURATION=1s docs/study/run.sh              longer blocks
#   ONLY=1-rows docs/study/run.sh              only cells whose names contain that
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tussle=$(realpath "${TUSSLE:-./tussle}")
out=${OUT:-docs/study}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for keys in 1 1000; do
    # 1,000 rows are set up for every block: fewer points there.
    clients='[1, 2, 4, 8, 16, 32, 64]'
    if [[ $keys == 1000 ]]; then clients='[1, 4, 16, 64]'; fi
    for think in outside inside; do
        for pool in 1 10; do
            cell="$keys-rows-think-$think-pool-$pool"
            if [[ -f $out/$cell/report.json || $cell != *${ONLY:-}* ]]; then continue; fi
            scenario="$work/$cell.toml" # run from there: the report shows the command
            sed "s/^clients = .*]\$/clients = $clients/" docs/study/study.toml >"$scenario"
            if [[ $think == outside ]]; then sed -i '/"atomic"/!s/think = "2ms" }/think_outside = "2ms" }/' "$scenario"; fi
            rm -rf "${work:?}/$cell"
            begun=$SECONDS
            code=0
            (cd "$work" && "$tussle" run "$cell.toml" --sweep -o "$cell" --allow-inconclusive -q \
                --set "name=\"study-$cell\"" --set "workload.keys=$keys" --set 'workload.skew="zipf(0.99)"' \
                --set "target.options.pool=\"$pool\"" \
                --set "load.duration=${DURATION:-300ms}" --set "load.warmup=${WARMUP:-50ms}" --set "load.repeat=${REPEAT:-6}") || code=$?
            if [[ $code != 0 && $code != 1 ]]; then # 1: a promise was broken; the report says which
                echo "cell $cell: exit code $code" >&2
                exit "$code"
            fi
            mkdir -p "$out/$cell"
            cp "$work/$cell"/report.html "$out/$cell/"
            cp "$work/$cell"/report.json "$out/$cell/" # last: its presence says that the cell is whole
            echo "cell $cell: $((SECONDS - begun)) s" >&2
        done
    done
done
${GO:-go} run ./internal/study "$out"
