"""Are the licences of npm's packages known? licences.py DIRECTORY PAGE (with package-lock.json; docs/reference/dependencies.md)

A package whose licence asks for more than a notice, or says nothing, has a row in the page's table: `name` and the licence as the lock file
gives it. A name that ends in * stands for all that begin like it.
"""

import json
import pathlib
import re
import sys

PERMISSIVE = {"MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "BlueOak-1.0.0", "CC0-1.0", "Python-2.0", "Zlib"}


def permissive(licence: str) -> bool:
    text = re.sub(r" \(https?:[^)]*\)", "", licence)
    # One of several is chosen, or all of them hold.
    choose = any if " OR " in text else all
    return bool(text) and choose(part in PERMISSIVE for part in re.split(r" (?:OR|AND) ", text.strip("()")))


def rows(page: str):
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) > 1:
            for name in re.findall(r"`([^`]+)`", cells[0]):
                yield name, cells[1]


def main() -> int:
    packages = json.loads((pathlib.Path(sys.argv[1]) / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    known = list(rows(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")))
    found = set()
    for path, entry in packages.items():
        if "node_modules/" not in path or entry.get("link"):
            continue
        name = path[path.rindex("node_modules/") + len("node_modules/") :]
        licence = entry.get("license")
        licence = licence if isinstance(licence, str) else ""
        matching = [row for row in known if row[0] == name or (row[0].endswith("*") and name.startswith(row[0][:-1]))]
        if not permissive(licence) and not any(row[1] == licence for row in matching):
            found.add(f"{name}: {licence or 'no licence'}")
    for line in sorted(found):
        print(f"{line} is not in the table of {sys.argv[2]}. May it be used? Then add a row.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
