# shellcheck shell=bash disable=SC2154 # scratch and output come from the runner
# The build holds the table of modules: what is allowed compiles, what is not does not.

configure() { cmake -G Ninja -S tools/tests/fixtures/edges -B "$scratch/build" -DRULES="$PWD/backend/cmake" "$@" >"$scratch/log" 2>&1; }

test_a_module_may_include_what_its_row_names() {
  configure || { cat "$scratch/log"; return 1; }
  ninja -C "$scratch/build" stoa_high stoa_low
}

test_a_module_may_not_include_what_its_row_does_not_name() {
  configure -DCMAKE_CXX_FLAGS=-DSTOA_VIOLATION
  refuses ninja -C "$scratch/build" stoa_low
  contains "$output" "stoa/high/high.hpp: No such file or directory"
}

test_a_row_may_name_only_rows_above_it() {
  printf 'cmake_minimum_required(VERSION 3.25)\ninclude(%s)\nstoa_edge(broken not_above)\n' "$PWD/backend/cmake/edges.cmake" >"$scratch/rows.cmake"
  refuses cmake -P "$scratch/rows.cmake"
  contains "$output" "names 'not_above'"
}

test_a_module_without_a_row_is_refused() {
  mkdir -p "$scratch/tree"
  cp -r tools/tests/fixtures/edges/. "$scratch/tree/"
  sed -i '/^stoa_edge(high/d' "$scratch/tree/CMakeLists.txt"
  refuses cmake -G Ninja -S "$scratch/tree" -B "$scratch/build" -DRULES="$PWD/backend/cmake"
  contains "$output" "has no row in backend/cmake/edges.cmake"
}
