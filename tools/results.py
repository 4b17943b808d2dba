"""Count the cases of JUnit files and show what failed: results.py [--show LINES] FILE...

Prints "PASSED FAILED SKIPPED" as the last line. CTest, Vitest and Playwright all write this format.
"""

import sys
import xml.etree.ElementTree as ElementTree


def main(arguments: list[str]) -> int:
    lines = 40
    if arguments[:1] == ["--show"]:
        lines = int(arguments[1])
        arguments = arguments[2:]
    passed = failed = skipped = 0
    for path in arguments:
        try:
            cases = list(ElementTree.parse(path).getroot().iter("testcase"))
        except (OSError, ElementTree.ParseError) as error:
            print(f"FAILED  {path} cannot be read: {error}")
            failed += 1
            continue
        for case in cases:
            name = " › ".join(dict.fromkeys(part for part in (case.get("classname"), case.get("name")) if part))
            problem = next((child for child in case if child.tag in ("failure", "error")), None)
            if problem is not None:
                failed += 1
                print(f"FAILED  {name}")
                text = [problem.get("message") or "", problem.text or ""]
                text += [child.text or "" for child in case if child.tag in ("system-out", "system-err")]
                shown = [line for part in text for line in part.strip().splitlines()]
                for line in shown[-lines:] if len(shown) > lines else shown:
                    print(f"        {line[:400]}")
            elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
                skipped += 1
                reason = case.find("skipped")
                text = (reason.get("message") if reason is not None else "") or ""
                print(f"skipped {name}{': ' + text if text else ''}")
            else:
                passed += 1
    print(passed, failed, skipped)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
