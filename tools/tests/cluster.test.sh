# shellcheck shell=bash disable=SC2154 # scratch and output come from the runner
# tools/cluster: start, stop, and the ways in which an earlier run can have ended.

prepare() {
  local base
  base=$(bash -c 'source tools/lib.sh; free_port_base ""')
  export STOA_PG_PORT=$((base + 5)) STOA_REDIS_PORT=$((base + 6))
  mkdir -p "$STOA_VAR"
}

cleanup() { [[ ! -d $STOA_VAR/pg ]] || tools/cluster stop --throwaway >/dev/null; }

ask() { tools/cluster psql -XAtc "$1"; }

test_a_development_cluster_keeps_what_it_acknowledged() {
  prepare
  tools/cluster start
  same "$(ask 'show fsync')" on
  same "$(ask 'show synchronous_commit')" on
  same "$(ask 'show listen_addresses')" 127.0.0.1
  ask 'create table kept (id int); insert into kept values (7)' >/dev/null
  kill -KILL "$(head -n 1 "$STOA_VAR/pg/postmaster.pid")" "$(cut -d' ' -f1 "$STOA_VAR/redis/pid")"
  tools/cluster start
  same "$(ask 'select id from kept')" 7
}

test_starting_twice_changes_nothing() {
  prepare
  tools/cluster start --throwaway
  local before
  before=$(ask 'select pg_postmaster_start_time()')
  tools/cluster start --throwaway
  same "$(ask 'select pg_postmaster_start_time()')" "$before"
  tools/cluster status
  tools/cluster stop
  refuses tools/cluster status
}

test_pid_files_of_strangers_and_a_half_made_directory_do_not_matter() {
  prepare
  mkdir -p "$STOA_VAR/redis" "$STOA_VAR/pg.new/base"
  printf '1 1\n' >"$STOA_VAR/redis/pid"
  tools/cluster start --throwaway
  tools/cluster stop
  printf '1\n/elsewhere\n' >"$STOA_VAR/pg/postmaster.pid"
  tools/cluster start --throwaway
  tools/cluster status
}

# As root, data that PostgreSQL's user cannot reach are elsewhere, and belong to their directory all the same.
test_data_elsewhere_do_not_outlive_their_directory_unseen() {
  ((EUID == 0)) || return 0
  prepare
  mkdir -m 700 "$scratch/closed"
  export STOA_VAR=$scratch/closed/var
  mkdir "$STOA_VAR"
  tools/cluster start --throwaway
  local elsewhere
  elsewhere=$(dirname "$(readlink -f "$STOA_VAR/pg")")
  contains "$elsewhere" /var/lib/stoa/
  tools/cluster stop
  rm -rf "$STOA_VAR"
  mkdir "$STOA_VAR"
  refuses tools/cluster status
  refuses tools/cluster start --throwaway
  contains "$output" "$elsewhere holds the database of an earlier $STOA_VAR"
  contains "$output" "rm -r $elsewhere"
  # What is thrown away is gone as a whole, and a new one can be made.
  tools/cluster stop --throwaway
  [[ ! -e $elsewhere ]]
  tools/cluster start --throwaway
  tools/cluster stop --throwaway
  [[ ! -e $elsewhere && ! -L $STOA_VAR/pg ]]
}

test_a_port_in_use_is_named_with_the_way_out() {
  prepare
  redis-server --port "$STOA_PG_PORT" --bind 127.0.0.1 --save '' --daemonize no >/dev/null &
  local other=$!
  until redis-cli -p "$STOA_PG_PORT" ping >/dev/null 2>&1; do sleep 0.1; done
  refuses tools/cluster start --throwaway
  kill "$other"
  contains "$output" "Port $STOA_PG_PORT, wanted for PostgreSQL, is in use by redis-server"
  contains "$output" "STOA_PORT="
}
