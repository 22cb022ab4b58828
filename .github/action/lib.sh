# Sourced by the scripts of the action. What a scenario, a target or a branch
# name says is untrusted: it reaches these scripts by environment only, never
# by being written into a script.
# shellcheck shell=bash

# output NAME VALUE: an output of the step, of one or more lines.
output() {
    local end
    end=end-$(random)
    printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >>"$GITHUB_OUTPUT"
}

# notice LEVEL TEXT: an annotation; TEXT is ours, on one line.
notice() {
    printf '::%s title=tussle::%s\n' "$1" "$2"
}

random() {
    od -An -N8 -tx1 /dev/urandom | tr -d ' \n'
}

# mute, unmute: between them the runner obeys no line of the output.
muted=
mute() {
    muted=$(random)
    echo "::stop-commands::$muted"
}
unmute() {
    echo "::$muted::"
    muted=
}

# fenced FILE BYTES: the end of a text, as a block that nothing inside can end.
fenced() {
    local body fence='```'
    body=$(tail -c "$2" "$1" | tr -d '\000-\010\013-\037\177')
    while [[ $body == *"$fence"* ]]; do fence+='`'; done
    printf '%stext\n%s\n%s\n' "$fence" "$body" "$fence"
}

# verdict_of CODE: the exit code as a word.
verdict_of() {
    case $1 in
        0) echo pass ;;
        1) echo fail ;;
        4) echo inconclusive ;;
        130) echo interrupted ;;
        *) echo error ;;
    esac
}

# worse A B: the exit code that decides, in the order 2, 3, 130, 1, 4, 0. Any
# other one (a killed tussle) means that it could not run: 3.
worse() {
    local order=' 2 3 130 1 4 0 ' a=$1 b=$2 before
    if [[ $order != *" $a "* ]]; then a=3; fi
    if [[ $order != *" $b "* ]]; then b=3; fi
    before=${order%%" $a "*}
    if [[ "$before " == *" $b "* ]]; then a=$b; fi
    echo "$a"
}
