#!/usr/bin/env bash
# Finds or builds the tussle command.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ACTION_PATH/.github/action/lib.sh"

if [[ -n $INPUT_TUSSLE ]]; then
    if ! command=$(command -v -- "$INPUT_TUSSLE"); then
        notice error "the input tussle names no command"
        exit 2
    fi
    output command "$command"
    exit 0
fi
if ! command -v go >/dev/null; then
    notice error "go is needed to build tussle: add actions/setup-go before this step, or give a binary as the input tussle"
    exit 2
fi
command=$RUNNER_TEMP/tussle-command/tussle
(cd "$ACTION_PATH" && go build -buildvcs=false -o "$command" .)
output command "$command"
