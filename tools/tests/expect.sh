# shellcheck shell=bash
# What the cases in *.test.sh say. Each prints what it found when it does not hold.

# contains TEXT PART
contains() {
  [[ $1 == *"$2"* ]] || {
    printf 'expected to find: %s\nin: %s\n' "$2" "$1"
    return 1
  }
}

# same ACTUAL EXPECTED
same() {
  [[ $1 == "$2" ]] || {
    printf 'expected: %s\nfound:    %s\n' "$2" "$1"
    return 1
  }
}

# refuses COMMAND...: it fails; its output is in $output
refuses() {
  if output=$("$@" 2>&1); then
    printf 'succeeded, though it must not: %s\n%s\n' "$*" "$output"
    return 1
  fi
}
