#!/usr/bin/env bash
# The study: every scheme of the sql target on a real PostgreSQL, 1 to 64
# clients, one hot row and 1,000 rows, think time inside and outside the
# transaction, 1 and 10 connections. About an hour; each cell's reports are
# kept in docs/study/CELL. DURATION=300ms makes a short one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${OUT:-docs/study}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for keys in 1 1000; do
    for think in outside inside; do
        for pool in 1 10; do
            cell="$keys-rows-think-$think-pool-$pool"
            scenario="$work/$cell.toml"
            cp docs/study/study.toml "$scenario"
            # Server-side schemes think inside their transaction, or not at all
            # where the client's think time is outside it.
            if [[ $think == outside ]]; then sed -i 's/, think = "2ms" }/ }/' "$scenario"; fi
            rm -rf "${work:?}/$cell"
            ./tussle run "$scenario" --sweep -o "$work/$cell" --allow-inconclusive -q \
                --set "workload.keys=$keys" --set 'workload.skew="zipf(0.99)"' \
                --set "target.options.pool=\"$pool\"" \
                --set "load.duration=${DURATION:-1s}" --set "load.warmup=${WARMUP:-200ms}" --set "load.repeat=${REPEAT:-6}" || true
            mkdir -p "$out/$cell"
            cp "$work/$cell"/{report.html,report.json,summary.md} "$out/$cell/"
        done
    done
done
