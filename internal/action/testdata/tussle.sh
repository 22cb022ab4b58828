#!/usr/bin/env bash
# Stands in for tussle where the action itself is tested: the commands,
# files and exit codes that the action relies on, and hostile output.
set -euo pipefail

command=$1
shift
echo "$command $*" >>"$STUB_CALLS"
env >>"$STUB_CALLS.env"
last=${*: -1}

option() { # NAME ARGS...: the value that follows NAME
    local name=$1
    shift
    while [[ $# -gt 0 ]]; do
        if [[ $1 == "$name" ]]; then
            echo "$2"
            return
        fi
        shift
    done
}

valued() { # NAME ARGS...: the value in NAME=VALUE
    local name=$1
    shift
    for word in "$@"; do
        if [[ $word == "$name="* ]]; then echo "${word#*=}"; fi
    done
}

case $command in
    run)
        scenario=$last
        dir=$(option -o "$@")
        code=${STUB_EXIT:-0}
        if [[ $scenario == *second* ]]; then code=${STUB_EXIT_SECOND:-0}; fi
        printf 'progress\n::error::this is what a target said\n::set-output name=x::y\n' >&2
        if [[ $code == 3 ]]; then
            printf 'tussle: error: target unreachable ````\n\033[31m@everyone\n' >&2
            exit 3
        fi
        mkdir "$dir"
        if [[ ${STUB_WAIT:-} == yes ]]; then
            trap 'code=130' INT
            echo ready >"$STUB_CALLS.ready"
            for ((i = 0; i < 600 && code != 130; i++)); do sleep 0.1; done
        fi
        echo "{\"schema\": 1, \"code\": $code}" >"$dir/report.json"
        echo "<!doctype html><title>$scenario</title>" >"$dir/report.html"
        echo "exit $code"
        exit "$code"
        ;;
    report)
        dir=$last
        if [[ ! -e $dir/report.json ]]; then exit 2; fi
        printf '<!-- tussle:report:v1 id=%s digest=%s -->\n' "$(valued --marker "$@")" "$(cksum <"$dir/report.json" | tr ' ' -)"
        printf '### %s\n\nfigures %s\n\n[Full report](%s), at most %s bytes\n' "$(basename "$dir")" "$RANDOM" "$(valued --link "$@")" "$(option --max-bytes "$@")"
        if [[ ${STUB_LONG:-} == yes ]]; then
            head -c "$(($(option --max-bytes "$@") - 400))" /dev/zero | tr '\0' x
        fi
        ;;
    compare)
        page=$(option -o "$@")
        if [[ -n $page && ${STUB_COMPARE:-0} != 2 ]]; then
            head='✅ `flash-sale` No regression.'
            if [[ ${STUB_COMPARE:-0} == 1 ]]; then head='❌ `flash-sale` Slower than base: optimistic -12 %.'; fi
            printf '### %s\n\n| goodput | -12 %% |\n' "$head" >"$page"
            exit "${STUB_COMPARE:-0}"
        fi
        printf '::warning::goodput\noptimistic goodput -12 %%\n```\n@everyone\n'
        exit "${STUB_COMPARE:-0}"
        ;;
esac
