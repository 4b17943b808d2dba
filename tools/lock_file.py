"""Is an npm lock file complete and up to date? lock_file.py DIRECTORY (with package.json and package-lock.json)

`npm ci` refuses a lock file that leaves something out, and versions of npm differ in what they notice: packages for other systems, for
example. Every dependency of every entry must have an entry, and every manifest of the workspace must be in it as it is.
"""

import json
import pathlib
import sys

KINDS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def resolves(packages: dict, path: str, name: str) -> bool:
    """As Node looks for a package: beside the one that asks, then in each directory above it."""
    while True:
        if f"{path}/node_modules/{name}".lstrip("/") in packages:
            return True
        if not path:
            return False
        path = path[: max(path.rfind("/"), 0)]


def problems(root: pathlib.Path):
    packages = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for path, entry in packages.items():
        if entry.get("link"):
            if entry.get("resolved") not in packages:
                yield f"{path}: {entry.get('resolved')} has no entry"
            continue
        ours = "node_modules/" not in path
        optional_peers = {name for name, meta in entry.get("peerDependenciesMeta", {}).items() if meta.get("optional")}
        for kind in KINDS:
            # What others develop with is not installed.
            if kind == "devDependencies" and not ours:
                continue
            for name in entry.get(kind, {}):
                if not (kind == "peerDependencies" and name in optional_peers) and not resolves(packages, path, name):
                    yield f"{path or 'the workspace'}: its {kind} name {name}, which has no entry"
        if ours:
            file = root / path / "package.json"
            manifest = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
            for kind in KINDS:
                if manifest.get(kind, {}) != entry.get(kind, {}):
                    yield f"{path or '.'}/package.json: {kind} are not those of the lock file"
    manifest = json.loads((root / "package.json").read_text(encoding="utf-8"))
    for pattern in manifest.get("workspaces", []):
        for file in sorted(root.glob(f"{pattern}/package.json")):
            if str(file.parent.relative_to(root)) not in packages:
                yield f"{file.parent.relative_to(root)} has no entry"


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    found = list(problems(root))
    for line in found[:20]:
        print(line)
    if found:
        print(f"{root}/package-lock.json is not complete ({len(found)} findings). Run in {root}: npm install --package-lock-only, and commit it.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
