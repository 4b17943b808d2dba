"""Make docs/reference/configuration.md and .env.example from `stoa doctor --list`: configuration.py REFERENCE EXAMPLE < LIST"""

import sys

INTRODUCTION = """# Configuration

Environment variables, read once at start. `stoa doctor` says what is wrong with them and refuses production with a sandbox
address, a default secret or an unsafe cookie. In development `make run` sets addresses, ports and secrets by itself; a file `.env` in the root, in
the form of `.env.example`, adds to it, and the caller's environment wins over both.

This page is made from the list in the program (`make gen`); defaults of secrets are not shown.

## `stoa`

| variable | default | meaning |
|---|---|---|
"""

REST = """
## `make run` and `make test`

| variable | default | meaning |
|---|---|---|
| `STOA_PORT` | `8000` | The shop's port. The programs use the seven above it: API +1, storefront +2, sandbox +3 and its mail server +4, PostgreSQL +5, Redis +6, worker +7. |
| `STOA_LISTEN` | `127.0.0.1 [::1]` | Addresses at which the shop's port is open, with blanks between them: `0.0.0.0 [::]` for everybody who can reach this machine. |
| `STOA_VAR` | `var` | Directory of this shop's data, logs and secrets. |
| `STOA_SEED` | `demo` | What an empty shop is filled with: `demo`, `scale:N` or `none`. |
| `STOA_SCALE_CATALOG` | | `peers`: `stoa seed scale:N` makes products like those that other platforms are measured with. |
| `STOA_DETACH` | | `1`: `make run` returns as soon as everything answers. |
| `STOA_JOBS` | cores, less where memory is short | Compile jobs at a time. |
| `STOA_PRESET` | `dev` | CMake preset of `tools/build`. |
| `STOA_RUN_PRESET` | `release` | CMake preset whose programs `make run` builds and starts. |
| `STOA_PG_PORT`, `STOA_REDIS_PORT` | +5, +6 | Other ports for the private PostgreSQL and Redis. |
| `STOA_ENV_FILE` | `.env` | The file that adds to the environment. |
| `STOA_NICE` | `5` | How much builds step back for everything else on the machine (`nice`). |

## Tests

| variable | default | meaning |
|---|---|---|
| `STOA_TEST_DATABASE_URL`, `STOA_TEST_REDIS_URL` | | Servers for a test program that is run by hand; `tools/testdb` prints them. |
| `STOA_TEST_OPENSEARCH_URL`, `STOA_TEST_OPENSEARCH_USER`, `STOA_TEST_OPENSEARCH_PASSWORD` | the stand-in | An OpenSearch cluster for `search_itest --gtest_filter='*Conformance*:SameAnswers*'`; its indexes are named `test-…` and go afterwards. |
| `STOA_TEST_PRESET` | `dev` | What `make test` builds and runs: `dev`, `asan`, `tsan` or `nopch`. |
| `STOA_TEST_FILTER`, `STOA_TEST_TARGETS` | all | A regular expression of test names; the programs to build for them. |
| `STOA_TEST_SEED` | fixed | Seed of tests with random input; a failure prints the one to repeat. |
| `STOA_CHAOS` | | `long`: chaos tests with hundreds of buyers (`make chaos`). |
| `STOA_CHAOS_SEED` | random | Seed of a chaos test, printed at its start. |
| `STOA_FIGURES_PRODUCTS` | `10000` | Size of the catalogue that `search_test --gtest_also_run_disabled_tests` measures. |
| `STOA_PDF_DIR` | | A directory that keeps the invoices which a test draws. |
| `STOA_CONTRACT_TIMES` | | Anything: the contract test says how long each operation took. |
| `FUZZ_SECONDS` | `60` | How long `make fuzz` looks at each target. |

## `stoa-sandbox`

It plays the outside services in development and tests; `make run` sets none of these.

| variable | default | meaning |
|---|---|---|
| `SANDBOX_PUBLIC_URL` | `http://localhost:` and its port | Its own address as the shopper's browser sees it, for hosted payment pages. |
| `SANDBOX_POSTBACK_URL` | the shop's `/hooks/vendo/` address | Where Vendo's notifications go. |
| `SANDBOX_POSTBACKS` | `1` | `0`: no notifications of payments. |
| `SANDBOX_WEBHOOK_URL` | the shop's `/hooks/sendcloud` | Where Sendcloud's webhooks go; empty: nowhere. |

## Storefront

`make run` derives these from the variables above.

| variable | default | meaning |
|---|---|---|
| `API_ORIGIN` | `http://127.0.0.1:8001` | Where its server finds the API. |
| `PUBLIC_URL` | `http://localhost:8000` | The origin that shoppers see. |
| `REVALIDATE_SECRET` | | Key of the signature on revalidation calls; the same as `STOA_REVALIDATE_SECRET`. |
| `REDIS_URL` | | Where instances tell each other what became stale; empty: each keeps it to itself. |
| `PORT`, `HOSTNAME` | | Where it listens. |
"""

EXAMPLE = """# Copy to .env and keep what you change. What is commented out shows the default.
# docs/reference/configuration.md explains all of them. Never commit .env.
"""


def main() -> int:
    rows, example = [], [EXAMPLE]
    lines = sys.stdin.read().splitlines()
    if len(lines) % 2 or not lines:
        print("expected two lines for each variable", file=sys.stderr)
        return 1
    for head, meaning in zip(lines[::2], lines[1::2]):
        name, value = head.split("=", 1)
        meaning = meaning.strip()
        secret = meaning.endswith(" (secret)")
        meaning = meaning.removesuffix(" (secret)")
        shown = "secret" if secret else f"`{value}`" if value else ""
        rows.append(f"| `{name}` | {shown} | {meaning.replace('|', chr(92) + '|')} |\n")
        example.append(f"\n# {meaning}\n# {name}={'' if secret else value}\n")
    with open(sys.argv[1], "w", encoding="utf-8") as reference:
        reference.write(INTRODUCTION + "".join(rows) + REST)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("".join(example))
    return 0


if __name__ == "__main__":
    sys.exit(main())
