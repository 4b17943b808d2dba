"""Are the documents where they are said to be? tools/check-docs.py [ROOT]

Three kinds of reference must have a target: pages below docs/ that any file names by path, relative links in Markdown
files, with their headings, and sources that Markdown files name in code (`backend/…/x.cpp`, `orders/src/x.cpp` for a module's). Files are those that git knows or would add. The tests of the scripts are left out: they name
what is missing.
"""
import pathlib
import re
import subprocess
import sys
import urllib.parse

NAMED = re.compile(r"(?<![\w./-])docs/[\w./-]*\w\.md\b")
SOURCE = re.compile(r"`((?:backend|web|tools|deploy|demo|db|api|bench)/[\w./-]+\.\w+|\w+/(?:src|api|sql|tests)/[\w./-]+\.\w+)(?::[\d-]+)?`")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.MULTILINE)
ATTRIBUTE = re.compile(r"<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)=[\"']([^\"'\s]+)")
FENCE = re.compile(r"^ {0,3}(```+|~~~+).*?^ {0,3}\1[ \t]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")


def files_of(root):
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    return [name for name in names if name and not name.startswith("tools/tests/") and (root / name).is_file()]


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def anchors_of(text):
    """The fragment of every heading, as GitHub makes them."""
    found, uses = set(), {}
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*\s*$", FENCE.sub(blank, text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = uses.get(slug, 0)
        uses[slug] = count + 1
        found.add(f"{slug}-{count}" if count else slug)
    return found


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def links_of(text):
    text = CODE.sub(blank, FENCE.sub(blank, text))
    for pattern in (LINK, DEFINITION, ATTRIBUTE):
        for match in pattern.finditer(text):
            yield line_of(text, match.start()), match.group(1)


def main(root):
    problems, pages, links, sources = [], 0, 0, 0
    for name in files_of(root):
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or an archive
        markdown = name.endswith(".md")
        prose = ATTRIBUTE.sub(blank, LINK.sub(blank, text)) if markdown else text
        for match in NAMED.finditer(prose):
            pages += 1
            if not (root / match.group()).is_file():
                problems.append(f"{name}:{line_of(text, match.start())}: names {match.group()}, which does not exist")
        for match in SOURCE.finditer(FENCE.sub(blank, text)) if markdown else ():
            sources += 1
            path = match.group(1)
            if not any((base / path).exists() for base in (root, root / "backend", root / "backend/modules", (root / name).parent)):
                problems.append(f"{name}:{line_of(text, match.start())}: names {path}, which does not exist")
        for line, target in links_of(text) if markdown else ():
            if re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.IGNORECASE):
                continue
            links += 1
            path, _, fragment = urllib.parse.unquote(target).partition("#")
            base = root if path.startswith("/") else (root / name).parent
            place = (base / path.lstrip("/")) if path else root / name
            if not place.exists():
                problems.append(f"{name}:{line}: links to {target}, which does not exist")
            elif fragment and place.suffix == ".md" and fragment not in anchors_of(place.read_text(encoding="utf-8")):
                problems.append(f"{name}:{line}: links to {target}, but that page has no such heading")
    for problem in problems:
        print(problem)
    if problems:
        print("Write the page, or correct the reference.")
        return 1
    print(f"{pages} named pages, {sources} sources and {links} links have a target")
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
