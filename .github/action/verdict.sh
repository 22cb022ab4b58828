#!/usr/bin/env bash
# Ends the action as tussle ended.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ACTION_PATH/.github/action/lib.sh"

case $INPUT_VERDICT in
    pass) ;;
    fail) notice error "a promise was violated, a threshold missed, or a figure got worse; the report says which" ;;
    inconclusive) notice warning "inconclusive: the report says what was not exercised, and what to change" ;;
    interrupted) notice warning "interrupted: the report covers what was recorded" ;;
    *) notice error "tussle could not run (exit $INPUT_EXIT_CODE); its log says why" ;;
esac
exit "$INPUT_EXIT_CODE"
