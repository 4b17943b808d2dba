# shellcheck shell=bash disable=SC2154 # scratch and output come from the runner
# The supervisor and what tools/lib.sh knows about processes, ports and the environment.

cleanup() {
  local file
  # shellcheck disable=SC1091
  source tools/lib.sh
  [[ ! -e $STOA_VAR/run/supervisor.pid ]] || end_process "$STOA_VAR/run/supervisor.pid" 20
  for file in "$STOA_VAR"/run/*.pid; do [[ ! -e $file ]] || end_process "$file" 5; done
}

# A supervisor of two programs; it is not to look after a database here.
begin() {
  # shellcheck disable=SC1091
  source tools/lib.sh
  mkdir -p "$STOA_VAR"/{run,log}
  printf 'exec sleep 1001\n' >"$STOA_VAR/run/one.sh"
  printf 'exec sleep 1002\n' >"$STOA_VAR/run/two.sh"
  printf 'one\ntwo\n' >"$STOA_VAR/run/services"
  STOA_SUPERVISE_CLUSTER=0 setsid tools/supervise </dev/null >"$STOA_VAR/log/supervisor.log" 2>&1 &
  wait_until 10 test -s "$STOA_VAR/run/settled"
}

pid_changed() { [[ $(alive "$1" || true) != "$2" ]] && alive "$1" >/dev/null; }

test_a_program_that_ended_before_it_was_looked_at_is_not_alive() {
  # shellcheck disable=SC1091
  source tools/lib.sh
  mkdir -p "$STOA_VAR/run"
  true &
  local pid=$!
  wait "$pid"
  write_pid "$STOA_VAR/run/one.pid" "$pid" || true
  refuses alive "$STOA_VAR/run/one.pid"
}

test_a_program_that_dies_is_started_again() {
  begin
  local before
  before=$(alive "$STOA_VAR/run/one.pid")
  kill -KILL "$before"
  wait_until 20 pid_changed "$STOA_VAR/run/one.pid" "$before"
  contains "$(<"$STOA_VAR/log/supervisor.log")" "one ended"
}

test_only_what_changed_is_restarted() {
  begin
  local one two
  one=$(alive "$STOA_VAR/run/one.pid")
  two=$(alive "$STOA_VAR/run/two.pid")
  printf 'exec sleep 1003\n' >"$STOA_VAR/run/two.sh"
  kill -USR1 "$(alive "$STOA_VAR/run/supervisor.pid")"
  wait_until 20 pid_changed "$STOA_VAR/run/two.pid" "$two"
  same "$(alive "$STOA_VAR/run/one.pid")" "$one"
}

test_started_under_nohup_it_reloads_too() {
  trap '' HUP
  test_only_what_changed_is_restarted
}

one_alone() { alive "$STOA_VAR/run/one.pid" >/dev/null && ! alive "$STOA_VAR/run/two.pid" >/dev/null; }

test_what_is_no_longer_wanted_ends() {
  begin
  printf 'one\n' >"$STOA_VAR/run/services"
  kill -USR1 "$(alive "$STOA_VAR/run/supervisor.pid")"
  wait_until 20 one_alone
}

test_stopping_the_supervisor_stops_its_programs() {
  begin
  local one
  one=$(alive "$STOA_VAR/run/one.pid")
  end_process "$STOA_VAR/run/supervisor.pid" 30
  [[ ! -d /proc/$one ]] || ! process_start "$one"
  refuses alive "$STOA_VAR/run/two.pid"
}

test_a_pid_that_went_to_somebody_else_is_not_ours() {
  # shellcheck disable=SC1091
  source tools/lib.sh
  mkdir -p "$STOA_VAR/run"
  sleep 1000 &
  printf '%s 12345\n' "$!" >"$STOA_VAR/run/stranger.pid"
  refuses alive "$STOA_VAR/run/stranger.pid"
  end_process "$STOA_VAR/run/stranger.pid" 5
  kill "$!"
}

test_the_callers_environment_wins_over_the_defaults_and_secrets_are_private() {
  local text
  text=$(STOA_PORT=9100 STOA_LOG_LEVEL=debug bash -c 'source tools/lib.sh; source tools/environment.sh
    echo "$STOA_LOG_LEVEL $STOA_HTTP_PORT $STOA_DATABASE_URL ${#STOA_SECRET_KEY}"')
  same "$text" "debug 9101 postgresql://stoa@127.0.0.1:9105/stoa 64"
  same "$(stat -c %a "$STOA_VAR/secrets.env")" 600
  local again
  again=$(bash -c 'source tools/lib.sh; source tools/environment.sh; echo "$STOA_SECRET_KEY"')
  contains "$(<"$STOA_VAR/secrets.env")" "$again"
}

test_an_env_file_gives_what_the_environment_does_not() {
  printf '# ports\nSTOA_PORT=9300\nexport STOA_MAIL_FROM="Shop <a@b.example>"\nSTOA_LOG_LEVEL=warning\nnot a line\n' >"$scratch/env"
  local text
  # shellcheck disable=SC2016
  text=$(STOA_ENV_FILE=$scratch/env STOA_LOG_LEVEL=error bash -c 'source tools/lib.sh; source tools/environment.sh
    echo "$STOA_HTTP_PORT $STOA_MAIL_FROM $STOA_LOG_LEVEL"')
  same "$text" "9301 Shop <a@b.example> error"
}

test_the_shops_program_gets_the_shops_environment() {
  local tree=$scratch/tree
  mkdir -p "$tree/tools" "$tree/build/quick/bin" "$STOA_VAR/run" "$scratch/elsewhere"
  cp tools/{stoa,lib.sh,environment.sh} "$tree/tools/"
  printf 'STOA_PORT=9500\nSTOA_PG_PORT=9605\nSTOA_REDIS_PORT=9506\nSTOA_RUN_PRESET=quick\n' >"$STOA_VAR/run/ports"
  refuses "$tree/tools/stoa" jobs
  contains "$output" "The programs are not built."
  # shellcheck disable=SC2016
  printf '#!/bin/bash\necho "$PWD $* $STOA_DATABASE_URL"\n' >"$tree/build/quick/bin/stoa"
  chmod 755 "$tree/build/quick/bin/stoa"
  same "$(cd "$scratch/elsewhere" && "$tree/tools/stoa" import prices a.csv)" "$scratch/elsewhere import prices a.csv postgresql://stoa@127.0.0.1:9605/stoa"
}

test_a_wrong_seed_or_port_is_refused_before_anything_long() {
  refuses env STOA_SEED=everything tools/run
  contains "$output" "STOA_SEED=everything is none of demo, scale:N, none."
  refuses env STOA_PORT=70000 tools/run
  contains "$output" "is not a port"
}

test_results_are_counted_and_failures_shown() {
  cat >"$scratch/r.xml" <<'XML'
<testsuite><testcase classname="a" name="good"/><testcase classname="a" name="bad"><failure message="was 3"/></testcase>
<testcase name="left out"><skipped message="no data"/></testcase></testsuite>
XML
  local text
  text=$(python3 tools/results.py "$scratch/r.xml")
  same "$(tail -n 1 <<<"$text")" "1 1 1"
  contains "$text" "FAILED  a › bad"
  contains "$text" "was 3"
  same "$(python3 tools/results.py "$scratch/absent.xml" | tail -n 1)" "0 1 0"
}

test_a_lock_file_that_leaves_something_out_is_refused() {
  mkdir -p "$scratch/web/apps/shop"
  printf '{"workspaces":["apps/*"],"devDependencies":{"a":"1.0.0"}}' >"$scratch/web/package.json"
  printf '{"dependencies":{"b":"2.0.0"}}' >"$scratch/web/apps/shop/package.json"
  local good
  good='{"packages":{"":{"devDependencies":{"a":"1.0.0"}},"apps/shop":{"dependencies":{"b":"2.0.0"}},
    "node_modules/shop":{"link":true,"resolved":"apps/shop"},
    "node_modules/a":{"optionalDependencies":{"a-arm":"1.0.0"},"devDependencies":{"z":"1"},"peerDependencies":{"y":"1"},"peerDependenciesMeta":{"y":{"optional":true}}},
    "node_modules/a-arm":{"optional":true},"apps/shop/node_modules/b":{"dependencies":{"a":"1.0.0"}}}}'
  printf '%s' "$good" >"$scratch/web/package-lock.json"
  python3 tools/lock_file.py "$scratch/web"
  local part
  for part in '"node_modules/a-arm":{"optional":true},' '"apps/shop":{"dependencies":{"b":"2.0.0"}},' ',"apps/shop/node_modules/b":{"dependencies":{"a":"1.0.0"}}'; do
    printf '%s' "${good/"$part"/}" >"$scratch/web/package-lock.json"
    refuses python3 tools/lock_file.py "$scratch/web"
    contains "$output" "is not complete"
  done
  printf '%s' "$good" >"$scratch/web/package-lock.json"
  printf '{"dependencies":{"b":"2.0.1"}}' >"$scratch/web/apps/shop/package.json"
  refuses python3 tools/lock_file.py "$scratch/web"
  contains "$output" "apps/shop/package.json: dependencies are not those of the lock file"
}

test_a_step_ends_with_what_failed_in_it() {
  refuses bash -euc 'source tools/lib.sh; work() { false; echo went on; }; step Working work'
  [[ $output != *"went on"* ]]
  # Where nobody asked for errexit, the status is passed on.
  same "$(bash -c 'source tools/lib.sh; work() { return 7; }; step Working work >/dev/null; echo $?')" 7
}

test_neither_the_shell_nor_an_env_file_names_the_database_of_gen() {
  local tree=$scratch/tree name
  mkdir -p "$tree/tools" "$tree/build/dev/bin" "$tree/web/packages/api-client/src" "$scratch/bin"
  cp tools/{gen,lib.sh,environment.sh} "$tree/tools/"
  printf 'import pathlib, sys\nfor name in sys.argv[1:]: pathlib.Path(name).touch()\n' >"$tree/tools/configuration.py"
  for name in "$tree"/tools/{build,cluster} "$tree/build/dev/bin/stoa" "$scratch/bin/pg_dump"; do
    # shellcheck disable=SC2016
    printf '#!/bin/bash\necho "$(basename "$0") $* $STOA_DATABASE_URL $STOA_SMTP_URL" >>%q\n' "$scratch/notes" >"$name"
    chmod 755 "$name"
  done
  # The API client is written where it is wanted, also when it is only compared.
  printf '{"scripts":{"gen":"node gen.mjs"}}' >"$tree/web/package.json"
  touch "$tree/web/packages/api-client/package.json"
  printf 'require("fs").writeFileSync(process.argv[2], "new\\n")' >"$tree/web/gen.cjs"
  sed -i 's/gen.mjs/gen.cjs/' "$tree/web/package.json"
  echo old >"$tree/web/packages/api-client/src/schema.d.ts"
  printf 'STOA_SMTP_URL=smtp://real\n' >"$tree/.env"
  refuses env -u STOA_ENV_FILE STOA_DATABASE_URL=postgresql://real/shop PATH="$scratch/bin:$PATH" "$tree/tools/gen" --check
  contains "$output" "schema.d.ts differs from what the sources say."
  same "$(<"$tree/web/packages/api-client/src/schema.d.ts")" old
  contains "$(<"$scratch/notes")" "stoa migrate postgresql://stoa@127.0.0.1:"
  refuses grep real "$scratch/notes"
}

test_the_callers_environment_is_not_that_of_these_cases() {
  STOA_HTTP_PORT=1 STOA_SMTP_URL=smtp://real tools/tests/run "$scratch/r.xml" test_the_callers_environment_wins_over >"$scratch/text" ||
    { cat "$scratch/text"; return 1; }
}

test_a_licence_that_nobody_looked_at_is_named() {
  mkdir -p "$scratch/web"
  printf '{"packages":{"":{},"node_modules/a":{"license":"MIT"},"node_modules/b":{"license":"(MIT OR GPL-3.0)"},
    "node_modules/c-x64":{"license":"MPL-2.0"},"node_modules/a/node_modules/d":{"license":"MIT AND GPL-3.0"},"node_modules/e":{}}}' >"$scratch/web/package-lock.json"
  # shellcheck disable=SC2016
  printf '| package | licence |\n|---|---|\n| `c-*` | MPL-2.0 |\n' >"$scratch/page.md"
  refuses python3 tools/licences.py "$scratch/web" "$scratch/page.md"
  contains "$output" "d: MIT AND GPL-3.0 is not in the table"
  contains "$output" "e: no licence is not in the table"
  same "$(wc -l <<<"$output")" 2
  # shellcheck disable=SC2016
  printf '| `d` | MIT AND GPL-3.0 |\n| `e` | |\n' >>"$scratch/page.md"
  python3 tools/licences.py "$scratch/web" "$scratch/page.md"
}

test_check_does_not_pass_over_a_missing_api_document() {
  mkdir -p "$scratch/tree/tools"
  cp tools/{check,lib.sh} "$scratch/tree/tools/"
  printf '#!/bin/bash\n' >"$scratch/tree/tools/gen"
  chmod 755 "$scratch/tree/tools/gen"
  refuses "$scratch/tree/tools/check" generated
  contains "$output" "api/openapi.json is missing. Run make gen and commit it."
}

test_every_variable_that_programs_and_tests_read_is_documented() {
  local name missing=''
  while read -r name; do
    grep -qF "\`$name\`" docs/reference/configuration.md || missing+=" $name"
  done < <(grep -rhoE 'getenv\("[A-Z_]+"\)' backend --include='*.cpp' --include='*.hpp' | sed -E 's/.*"(.*)".*/\1/' | sort -u)
  same "$missing" ""
}
