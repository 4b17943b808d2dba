#!/usr/bin/env python3
"""Turns plain .sql files into C++ constants. Modes: queries MODULE IN OUT | migrations OUT IN... | all-queries OUT IN..."""
import pathlib
import re
import sys

HEAD = re.compile(r"^-- name:\s*([a-z][a-z0-9_]*)\s*$")


def literal(text: str) -> str:
    # Split long texts: compilers limit one literal; raw strings need a delimiter that does not occur.
    assert ')~sql~"' not in text
    parts = [text[i : i + 12000] for i in range(0, len(text), 12000)] or [""]
    return "\n".join(f'R"~sql~({part})~sql~"' for part in parts)


def statements(path: pathlib.Path):
    name, lines, found = None, [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        match = HEAD.match(line)
        if match:
            if name:
                found.append((name, "\n".join(lines).strip().rstrip(";")))
            name, lines = match.group(1), []
        elif name:
            lines.append(line)
        elif line.strip() and not line.startswith("--"):
            sys.exit(f"{path}: text before the first '-- name:' line")
    if name:
        found.append((name, "\n".join(lines).strip().rstrip(";")))
    if len({n for n, _ in found}) != len(found):
        sys.exit(f"{path}: a query name occurs twice")
    return found


def write(path: str, text: str):
    target = pathlib.Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def module_of(path: pathlib.Path) -> str:
    # The path may contain "..".
    return path.resolve().parents[2].name


def main():
    mode = sys.argv[1]
    if mode == "queries":
        module, source, out = sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
        body = "".join(
            f'inline constexpr stoa::db::Query {n}{{"{module}.{n}", {literal(s)}}};\n\n' for n, s in statements(source)
        )
        write(out, f'#pragma once\n#include "stoa/db/db.hpp"\n\nnamespace stoa::{module}::sql {{\n\n{body}}}  // namespace\n')
    elif mode == "migrations":
        rows, seen = [], {}
        for path in sorted((pathlib.Path(p) for p in sys.argv[3:]), key=lambda p: p.name):
            number = int(path.name.split("_", 1)[0])
            if number in seen:
                sys.exit(f"migration number {number} is used twice: {seen[number]} and {path}")
            seen[number] = path
            text = path.read_text(encoding="utf-8")
            transactional = "false" if text.startswith("-- no transaction") else "true"
            rows.append(f'    {{{number}, "{module_of(path)}/{path.stem}", {literal(text)}, {transactional}}},\n')
        count = len(rows)
        write(
            sys.argv[2],
            '#include <array>\n\n#include "stoa/db/db.hpp"\n\nnamespace stoa::db {\nnamespace {\n'
            f"constexpr std::array<Migration, {count}> kMigrations{{{{\n{''.join(rows)}}}}};\n}}  // namespace\n"
            "std::span<const Migration> all_migrations() { return kMigrations; }\n}  // namespace stoa::db\n",
        )
    elif mode == "all-queries":
        rows, seen = [], {}
        for path in sorted(pathlib.Path(p) for p in sys.argv[3:]):
            for name, text in statements(path):
                full = f"{module_of(path)}.{name}"
                if full in seen:
                    sys.exit(f"query {full} is defined twice: {seen[full]} and {path}")
                seen[full] = path
                rows.append(f'    {{"{full}", {literal(text)}}},\n')
        write(
            sys.argv[2],
            '#include <array>\n\n#include "stoa/db/db.hpp"\n\nnamespace stoa::db {\nnamespace {\n'
            f"constexpr std::array<Query, {len(rows)}> kQueries{{{{\n{''.join(rows)}}}}};\n}}  // namespace\n"
            "std::span<const Query> all_queries();\nstd::span<const Query> all_queries() { return kQueries; }\n}  // namespace stoa::db\n",
        )


main()
