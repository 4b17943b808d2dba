# shellcheck shell=bash disable=SC2154 # scratch and output come from the runner
# tools/bootstrap and what it says when a machine does not fit: one clear sentence and the way out. Programs that would change the
# machine are stand-ins on PATH.

# A tree of its own with the real script, on a Debian 12 with everything installed
prepare() {
  tree=$scratch/tree
  mkdir -p "$tree/tools" "$tree/web" "$scratch/bin" "$scratch/var"
  cp tools/{bootstrap,lib.sh,packages.txt,cluster} "$tree/tools/"
  printf 'ID=debian\nVERSION_ID="12"\n' >"$scratch/os-release"
  sed -i "s|/etc/os-release|$scratch/os-release|" "$tree/tools/bootstrap"
  # All that is asked for is installed, except what is named in the file.
  touch "$scratch/missing"
  stub dpkg-query "shift 2; for name in \"\$@\"; do grep -qx -- \"\$name\" $scratch/missing || printf '%s ii \\n' \"\$name\"; done"
  stub dpkg ':'
  stub apt-get "echo \"\$*\" >>$scratch/apt.log"
  stub npm ':'
  ln -s "$(command -v node)" "$scratch/bin/node" # npm is looked for beside it
  export PATH=$scratch/bin:$PATH STOA_VAR=$scratch/var
}

# stub NAME BODY
stub() {
  printf '#!/bin/bash\n%s\n' "$2" >"$scratch/bin/$1"
  chmod 755 "$scratch/bin/$1"
}

test_a_machine_that_has_everything_is_left_alone() {
  prepare
  "$tree/tools/bootstrap" >"$scratch/text" || { cat "$scratch/text"; return 1; }
  contains "$(<"$scratch/text")" "are installed"
  [[ ! -e $scratch/apt.log ]]
}

test_an_old_debian_is_named() {
  prepare
  printf 'ID=debian\nVERSION_ID="11"\n' >"$scratch/os-release"
  refuses "$tree/tools/bootstrap"
  contains "$output" "Debian 11 is too old: its compiler cannot build C++23."
  contains "$output" "Use Debian 12 or newer."
}

test_missing_packages_without_root_are_named_with_the_command() {
  prepare
  echo wrk >"$scratch/missing"
  # A PATH without sudo, and nobody in particular
  local name
  for name in bash dirname df tail mkdir sed awk grep tr flock find; do ln -sf "$(command -v "$name")" "$scratch/bin/$name"; done
  local -a as=()
  if ((EUID == 0)); then
    chown -R nobody "$scratch"
    as=("$(command -v setpriv)" --reuid=nobody --clear-groups)
  fi
  refuses env PATH="$scratch/bin" "${as[@]}" "$tree/tools/bootstrap"
  contains "$output" "Debian packages are missing, and neither root nor sudo is available: wrk"
  contains "$output" "As root: apt-get install --no-install-recommends wrk"
  [[ ! -e $scratch/apt.log ]]
}

test_a_package_that_is_held_is_installed() {
  prepare
  stub dpkg-query "shift 2; for name in \"\$@\"; do printf '%s hi \\n' \"\$name\"; done"
  "$tree/tools/bootstrap" >"$scratch/text" || { cat "$scratch/text"; return 1; }
  contains "$(<"$scratch/text")" "are installed"
}

test_when_sudo_refuses_the_archive_is_not_blamed() {
  prepare
  echo wrk >"$scratch/missing"
  ((EUID != 0)) || sed -i 's/EUID/1/g' "$tree/tools/bootstrap"
  stub sudo 'echo "nobody is not in the sudoers file." >&2; exit 1'
  refuses "$tree/tools/bootstrap"
  contains "$output" "sudo refused, and Debian packages are missing: wrk"
  [[ ! -e $scratch/apt.log ]]
}

# dpkg-query fails when it does not know one of the names.
test_a_package_that_nobody_knows_yet_is_installed() {
  prepare
  echo wrk >"$scratch/missing"
  stub dpkg-query "shift 2; for name in \"\$@\"; do grep -qx -- \"\$name\" $scratch/missing || printf '%s ii \\n' \"\$name\"; done; ! grep -q . $scratch/missing"
  stub apt-get "echo \"\$*\" >>$scratch/apt.log; [[ \$* != *install* ]] || : >$scratch/missing"
  stub systemctl ':'
  stub sudo 'exec "$@"'
  sed -i "s|^policy=.*|policy=$scratch/policy|" "$tree/tools/bootstrap"
  "$tree/tools/bootstrap" >"$scratch/text" 2>&1 || { cat "$scratch/text"; return 1; }
  contains "$(<"$scratch/apt.log")" "wrk"
  [[ ! -e $scratch/policy ]]
}

test_a_full_disk_is_said_before_anything_is_installed() {
  prepare
  echo wrk >"$scratch/missing"
  stub df 'printf "Avail\n1024\n"'
  stub sudo 'shift; exit 1'
  refuses "$tree/tools/bootstrap"
  contains "$output" "Only 1 MB are free on the disk of /var/cache; installing Debian packages needs about 3000 MB."
  [[ ! -e $scratch/apt.log ]]
}

test_the_reason_npm_gives_is_passed_on() {
  prepare
  printf '{}' >"$tree/web/package-lock.json"
  stub npm 'printf "npm warn old\nnpm error code EUSAGE\nnpm error\nnpm error \nnpm error The lock file and package.json do not agree.\nnpm error Missing: a@1\n" >&2; exit 1'
  refuses "$tree/tools/bootstrap"
  contains "$output" "npm ci did not work in web/: The lock file and package.json do not agree."
  contains "$output" "The whole text is in"
  stub npm 'echo "Segmentation fault" >&2; exit 139'
  refuses "$tree/tools/bootstrap"
  contains "$output" "npm ci did not work in web/: Segmentation fault"
}

test_a_cluster_of_another_postgresql_is_not_touched() {
  prepare
  local base
  base=$(bash -c 'source tools/lib.sh; free_port_base ""')
  export STOA_PG_PORT=$((base + 5)) STOA_REDIS_PORT=$((base + 6))
  mkdir -p "$STOA_VAR/pg"
  echo 9 >"$STOA_VAR/pg/PG_VERSION"
  refuses "$tree/tools/cluster" start
  contains "$output" "pg was made by PostgreSQL 9, which is not installed."
  contains "$output" "Install postgresql-9, or remove the development data: rm -r $STOA_VAR/pg"
  same "$(<"$STOA_VAR/pg/PG_VERSION")" 9
}
