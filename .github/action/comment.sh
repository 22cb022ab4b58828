#!/usr/bin/env bash
# Creates the comment, or updates it, or leaves it alone when its digest is
# still the same. A token that may not write (a fork's) is no failure.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ACTION_PATH/.github/action/lib.sh"

number=$INPUT_PULL_REQUEST
if [[ -z $number && -e ${GITHUB_EVENT_PATH:-} ]]; then
    number=$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH")
fi
if [[ -z $number ]]; then
    echo "no comment: this is no pull request"
    exit 0
fi
if [[ ! $number =~ ^[0-9]+$ ]]; then
    notice error "the input pull-request is not a number"
    exit 2
fi
if [[ -z $INPUT_TOKEN ]]; then
    notice notice "no comment: there is no token; the report is in the job summary"
    exit 0
fi

answer=$(mktemp)
headers=$(mktemp)
trap 'rm -f "$answer" "$headers"' EXIT

# call METHOD URL [FILE]: the status; the answer is in $answer. The token is
# given by a file, so that no process list shows it.
call() {
    local more=()
    if [[ -n ${3:-} ]]; then more=(--data-binary "@$3" -H 'Content-Type: application/json'); fi
    # A comment whose answer was lost may have been written: POST is not repeated.
    if [[ $1 != POST ]]; then more+=(--retry 3); fi
    curl -sS --max-time 30 -X "$1" -o "$answer" -D "$headers" -w '%{http_code}' \
        -H "@"<(printf 'Authorization: Bearer %s\n' "$INPUT_TOKEN") \
        -H 'Accept: application/vnd.github+json' -H 'X-GitHub-Api-Version: 2022-11-28' "${more[@]}" "$2"
}

# give_up STATUS: a token that may not is a notice, anything else an error.
give_up() {
    case $1 in
        401 | 403 | 404)
            notice notice "no comment: the token may not write to this pull request (HTTP $1); the report is in the job summary"
            exit 0
            ;;
    esac
    notice error "the comment could not be written: HTTP $1"
    exit 1
}

comments=$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$number/comments
prefix="<!-- tussle:report:v1 id=$INPUT_ID "
mine=
url="$comments?per_page=100"
while [[ -n $url && -z $mine ]]; do
    status=$(call GET "$url")
    if [[ $status != 200 ]]; then give_up "$status"; fi
    # Only a comment of the token's owner: anybody can write the marker.
    mine=$(jq -r --arg prefix "$prefix" --arg author "$INPUT_AUTHOR" \
        '[.[] | select(.user.login == $author and (.body | startswith($prefix)))][0] // empty | "\(.id) \(.body | split("\n")[0] | rtrimstr("\r"))"' "$answer")
    url=$(tr -d '\r' <"$headers" | sed -nE 's/^[Ll]ink:.*<([^>]+)>; *rel="next".*/\1/p')
done

if [[ -n $mine && $INPUT_COMMENT == on-change && ${mine#* } == "$(head -n 1 "$INPUT_BODY")" ]]; then
    echo "no comment: the verdict is the same as in the last one"
    exit 0
fi

payload=$(mktemp)
trap 'rm -f "$answer" "$headers" "$payload"' EXIT
jq -Rs '{body: .}' <"$INPUT_BODY" >"$payload"
if [[ -n $mine ]]; then
    status=$(call PATCH "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/comments/${mine%% *}" "$payload")
    want=200
else
    status=$(call POST "$comments" "$payload")
    want=201
fi
if [[ $status != "$want" ]]; then give_up "$status"; fi
echo "comment: $(jq -r .html_url "$answer")"
