#!/usr/bin/env bash
# Finds or builds the tussle command; everything else is tussle's own
# (internal/action). What is given is untrusted: it comes by environment only.
set -euo pipefail

if [[ -n $INPUT_TUSSLE ]]; then
    if ! command=$(command -v -- "$INPUT_TUSSLE") || [[ $command != */* || $command == *$'\n'* ]]; then
        echo '::error title=tussle::the input tussle names no command'
        exit 2
    fi
else
    if ! command -v go >/dev/null; then
        echo '::error title=tussle::go is needed to build tussle: add actions/setup-go before this step, or give a binary as the input tussle'
        exit 2
    fi
    command=$RUNNER_TEMP/tussle-command/tussle
    (cd "$ACTION_PATH" && go build -buildvcs=false -o "$command" .)
fi
printf 'command=%s\n' "$command" >>"$GITHUB_OUTPUT"
