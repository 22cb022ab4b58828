#!/usr/bin/env bash
# Writes the job summary and the body of the comment.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ACTION_PATH/.github/action/lib.sh"

tussle=$INPUT_TUSSLE
mapfile -t names <"$INPUT_DIRECTORY/names"

# compared FILE BYTES: the comparison's own Markdown; what it printed, where
# there is none or not the room.
compared() {
    if [[ -s $1.md && $(wc -c <"$1.md") -le $2 ]]; then
        cat "$1.md"
    else
        fenced "$1" "$2"
    fi
}

# page BYTES: one document for all scenarios, at most that long. The first
# line is the marker; its digest changes when a verdict does.
page() {
    local limit=$((($1 - 200) / ${#names[@]} - 300)) name code part body='' digest=''
    part=$(mktemp)
    for name in "${names[@]}"; do
        code=$(<"$INPUT_DIRECTORY/$name.exit")
        "$tussle" report "$INPUT_DIRECTORY/$name" --format markdown --max-bytes $((limit * 2 / 3)) --marker "$INPUT_ID" --link "$INPUT_LINK" \
            </dev/null >"$part" 2>/dev/null || true
        if [[ -s $part ]]; then
            digest+=$(grep -m1 '^<!-- tussle:report:' "$part" || sha256sum <"$part")
            body+=$(grep -v '^<!-- tussle:report:' "$part")$'\n\n'
        else
            body+="### tussle: $name could not run (exit $code)"$'\n\n'
            body+=$(fenced "$INPUT_DIRECTORY/$name.log" $((limit < 20000 ? limit / 3 : 6000)))$'\n\n'
        fi
        digest+=" $name $code"
        if [[ -e $INPUT_DIRECTORY/$name.compare ]]; then
            code=$(<"$INPUT_DIRECTORY/$name.compare.exit")
            digest+=" compare $code"
            body+="<details><summary>$name compared with the base (exit $code)</summary>"$'\n\n'
            body+=$(compared "$INPUT_DIRECTORY/$name.compare" $((limit / 3)))$'\n\n'"</details>"$'\n\n'
        fi
    done
    rm -f "$part"
    digest=$(printf '%s' "$digest" | sha256sum | cut -c1-16)
    printf '<!-- tussle:report:v1 id=%s digest=%s -->\n%s' "$INPUT_ID" "$digest" "$body"
}

if [[ $INPUT_SUMMARY == true ]]; then
    page 1000000 | tail -n +2 >>"$GITHUB_STEP_SUMMARY"
fi
page 60000 >"$INPUT_DIRECTORY/comment.md"
output body "$INPUT_DIRECTORY/comment.md"
