# shellcheck shell=bash disable=SC2154 # scratch and output come from the runner
# The build holds the table of modules: what is allowed compiles, what is not does not.

# A copy of the fixture, to be spoilt
copy() {
  mkdir -p "$scratch/tree"
  cp -r tools/tests/fixtures/edges/. "$scratch/tree/"
}
configure() { cmake -G Ninja -S "$scratch/tree" -B "$scratch/build" -DRULES="$PWD/backend/cmake"; }

test_a_module_may_include_what_its_row_names() {
  copy
  configure
  ninja -C "$scratch/build" stoa_high stoa_low stoa_top
}

test_what_a_neighbours_api_shows_may_not_be_named() {
  copy
  # It would compile: high's own header includes low's.
  sed -i '1i #include "stoa/low/low.hpp"' "$scratch/tree/top/src/top.cpp"
  configure >"$scratch/log"
  refuses ninja -C "$scratch/build" stoa_top
  contains "$output" "top/src/top.cpp:1: error: top may not see low"
}

test_libraries_of_modules_are_not_linked_past_the_table() {
  copy
  sed -i 's/NAME low/NAME low LIBS stoa_high/' "$scratch/tree/low/CMakeLists.txt"
  refuses configure
  contains "$(tr -s ' \n' ' ' <<<"$output")" "Module 'low' names 'stoa_high' in LIBS"
}

test_a_module_may_not_include_what_its_row_does_not_name() {
  copy
  sed -i '1i #include "stoa/high/high.hpp"' "$scratch/tree/low/src/low.cpp"
  configure >"$scratch/log"
  refuses ninja -C "$scratch/build" stoa_low
  contains "$output" "low/src/low.cpp:1: error: low may not see high"
  # Nor does the compiler find it, whatever the check says.
  printf 'import pathlib, sys\npathlib.Path(sys.argv[1]).touch()\n' >"$scratch/silent.py"
  sed -i "s|^include(stoa)|&\nset(STOA_INCLUDES_TOOL $scratch/silent.py)|" "$scratch/tree/CMakeLists.txt"
  configure >"$scratch/log"
  refuses ninja -C "$scratch/build" stoa_low
  contains "$output" "stoa/high/high.hpp: No such file or directory"
}

test_a_row_may_name_only_rows_above_it() {
  printf 'cmake_minimum_required(VERSION 3.25)\ninclude(%s)\nstoa_edge(broken not_above)\n' "$PWD/backend/cmake/edges.cmake" >"$scratch/rows.cmake"
  refuses cmake -P "$scratch/rows.cmake"
  contains "$output" "names 'not_above'"
}

test_a_module_without_a_row_is_refused() {
  copy
  sed -i '/^stoa_edge(top/d' "$scratch/tree/CMakeLists.txt"
  refuses configure
  contains "$output" "has no row in backend/cmake/edges.cmake"
}
