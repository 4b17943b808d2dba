#!/usr/bin/env python3
"""Refuses includes of modules that a module's row does not name: check_includes.py STAMP MODULE ROW KNOWN DIRECTORY...

ROW and KNOWN are lists separated by semicolons. What is no known module (platform's parts) may always be included.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]stoa/([a-z_]+)/')


def main() -> int:
    stamp, module, row, known = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3].split(";"), sys.argv[4].split(";")
    allowed = {module, *row}
    wrong = 0
    for directory in sys.argv[5:]:
        for path in sorted(pathlib.Path(directory).rglob("*.?pp")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                if match and match[1] in known and match[1] not in allowed:
                    print(f"{path}:{number}: error: {module} may not see {match[1]}: its row in backend/cmake/edges.cmake does not name it")
                    wrong += 1
    if wrong:
        return 1
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    return 0


sys.exit(main())
