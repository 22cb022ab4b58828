#!/usr/bin/env bash
# Runs every scenario, compares it with the base, and says how it went. It
# ends with 0 so that the report is made; verdict.sh ends the action.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ACTION_PATH/.github/action/lib.sh"

# The runner tells only this shell that the job was cancelled. tussle drains,
# reports and ends with 130 when it is told.
child=
cancelled=
cancel() {
    cancelled=yes
    if [[ -n $child ]]; then kill -INT "$child" 2>/dev/null || true; fi
}
trap cancel INT TERM
set -m # a background command that still hears an interrupt

# logged FILE COMMAND...: runs it, its output in FILE and in the log of the
# job, where the runner obeys no line of it; gives the command's exit code,
# whatever signals come.
logged() {
    local code=0 log=$1 pipe tee
    shift
    mute
    exec {pipe}> >(tee "$log")
    tee=$!
    "$@" </dev/null >&"$pipe" 2>&1 {pipe}>&- &
    child=$!
    if [[ -n $cancelled ]]; then kill -INT "$child"; fi
    while kill -0 "$child" 2>/dev/null; do wait "$child" || true; done
    wait "$child" || code=$?
    child=
    exec {pipe}>&-
    wait "$tee" || true
    unmute
    return "$code"
}

if [[ ! $INPUT_ID =~ ^[A-Za-z0-9._-]+$ ]]; then
    notice error "the input id may hold letters, digits, dots, dashes and underscores"
    exit 2
fi
tussle=$INPUT_TUSSLE
read -r -d '' -a args < <(printf '%s\0' "$INPUT_ARGS") || true
read -r -d '' -a compare_args < <(printf '%s\0' "$INPUT_COMPARE_ARGS") || true
directory=$RUNNER_TEMP/tussle-$INPUT_ID-$(random)
mkdir -p "$directory"

mapfile -t scenarios < <(printf '%s\n' "$INPUT_SCENARIO" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//' | grep -v '^$' || true)
if [[ ${#scenarios[@]} -eq 0 ]]; then
    notice error "the input scenario is empty"
    exit 2
fi

total=0
pages=()
for scenario in "${scenarios[@]}"; do
    name=$(basename -- "$scenario" .toml | tr -c 'A-Za-z0-9._\n-' '-')
    while [[ -e $directory/$name.exit ]]; do name+=-again; done
    run=$directory/$name
    code=0
    echo "$name" >>"$directory/names"

    logged "$directory/$name.log" "$tussle" run "$scenario" -o "$run" --fail-on-loss "${args[@]}" || code=$?
    if [[ -n $cancelled && $code -ne 130 && ! -e $run/report.html ]]; then code=130; fi
    echo "$code" >"$directory/$name.exit"
    total=$(worse "$total" "$code")
    if [[ -e $run/report.html ]]; then pages+=("$run/report.html"); fi

    base=$INPUT_BASE
    if [[ -n $base && -e $base/$name ]]; then base=$base/$name; fi
    if [[ -n $base && -z $cancelled && -e $run/report.json ]]; then
        # A folder without a run: the base does not have this scenario yet.
        if [[ -f $base || -e $base/report.json || -e $base/history.jsonl.zst ]]; then
            code=0
            logged "$directory/$name.compare" "$tussle" compare "$base" "$run" "${compare_args[@]}" || code=$?
            echo "$code" >"$directory/$name.compare.exit"
            "$tussle" compare "$base" "$run" "${compare_args[@]}" --format markdown -o "$directory/$name.compare.md" </dev/null >/dev/null 2>&1 || true
            total=$(worse "$total" "$code")
        else
            notice notice "there is no report of the base to compare $name with"
        fi
    fi
    if [[ -n $cancelled ]]; then break; fi
done
if [[ -n $cancelled ]]; then total=$(worse "$total" 130); fi

output directory "$directory"
output exit-code "$total"
output verdict "$(verdict_of "$total")"
output pages "${#pages[@]}"
output html "$(printf '%s\n' "${pages[@]}")"
json=$directory/$(head -n 1 "$directory/names")/report.json
if [[ -e $json ]]; then output json "$json"; fi
