# shellcheck shell=bash disable=SC2154 # output comes from expect.sh
# Pages that are named exist, and links lead somewhere.

check_docs() { python3 tools/check-docs.py "tools/tests/fixtures/docs/$1"; }

test_references_with_a_target_pass() { contains "$(check_docs good)" "1 named pages, 2 sources and 5 links have a target"; }

test_references_without_a_target_are_named() {
  refuses check_docs bad
  contains "$output" "source.cpp:1: names docs/missing.md"
  contains "$output" "README.md:3: links to docs/none.md, which does not exist"
  contains "$output" "README.md:3: links to docs/page.md#no-such-heading, but that page has no such heading"
  contains "$output" "README.md:3: links to pictures/none.webp, which does not exist"
  contains "$output" "README.md:5: names orders/src/none.cpp, which does not exist"
  contains "$output" "README.md:5: names backend/none.hpp, which does not exist"
  same "$(wc -l <<<"$output")" 7
}
