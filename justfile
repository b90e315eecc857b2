# The commands people run. `just` lists them.

target := env("CARGO_TARGET_DIR", "target")
# Run as it was built: `cargo run` of one package takes other features, and compiles the SDKs once more.
bench := target / "release/bench"

default:
    @just --list

# Format, lints, tests, demo, simulator: what must hold before a change lands
check:
    .ci/run

# All tests
test:
    cargo test

# The whole sync on simulated AWS
demo:
    cargo run --bin drs-inventory -- demo

# Deploys to an AWS emulator, syncs, takes permissions away, rolls back, cleans up
e2e:
    .ci/e2e

# The page, in a real browser: every link, every figure, every way in that must stay shut
page:
    .ci/page

# docs/pictures, made anew from the demo
pictures:
    .ci/page --pictures

# The API against its document: no 5xx, no answer that the document does not have
schemathesis:
    .ci/schemathesis

# Checks the templates: lint, tables, dead letters, least privilege
templates:
    scripts/deploy.sh dev --validate-only

# Known holes, licences and sources of every crate
supply-chain:
    .ci/supply-chain

# Both implementations of the sync on every world, one line each
compare: worlds
    cargo run --bin drs-inventory -- compare --output line \
        $(printf -- '--world %s ' worlds/*.json target/worlds/*.json)

# The large worlds, which code builds, as files in target/worlds
worlds:
    cargo run --example worlds target/worlds

# The refactored sync never slower than the legacy one, and twice as fast with several accounts
speed:
    cargo test --release --workspace --test comparison speed -- --ignored --nocapture

# On worlds up to 90,000 servers, what people wait for and units in dollars among it, under fifteen minutes;
# fails where a bar does not hold
# Time, calls, processor and memory of syncs, readers and the program, into docs/performance.md
bench:
    cargo build --release --workspace --bin drs-inventory --bin bench
    "{{bench}}" --write docs/performance.md --check

# The same on small worlds, without the readers, under two minutes
bench-quick:
    cargo build --release --workspace --bin drs-inventory --bin bench
    "{{bench}}" --quick --check

# By operation, table and index, for a first one, an unchanged one and one with 1 % changed; fails where the
# unchanged one writes a row, or too much
# Only what a sync of 30,000 servers costs on DynamoDB
units:
    cargo build --release --workspace --bin bench
    "{{bench}}" --units --check

# Over 90,000 servers in 900 accounts; fails where a bar does not hold
# Only how long the page, `status`, lists and one server take
readers:
    cargo build --release --workspace --bin drs-inventory --bin bench
    "{{bench}}" --readers --check

# Where the processor's time of a large sync goes, into docs/profile.md; needs perf
profile:
    cargo build --profile profiling --workspace --bin drs-inventory --bin bench
    scripts/profile.py "{{target}}/profiling" --write docs/profile.md

# docs/openapi.json, made anew from the operations
openapi:
    UPDATE_OPENAPI=1 cargo test --test api the_document_is_the_committed_one

# docs/comparison.md, measured anew at 100 ms per call
compare-docs: worlds
    cargo run --release --bin drs-inventory -- compare --output markdown --latency 100 \
        --world target/worlds/one-account-six-regions.json \
        --world target/worlds/several-accounts-several-regions.json \
        --world target/worlds/many-pages.json > docs/comparison.md

# Lines covered by the tests, file by file; fails below the limits in .ci/check-coverage
coverage:
    .ci/coverage target/coverage

# RUSTC_BOOTSTRAP: its instrumentation is not in stable. No sanitizer, no optimisation: there is no unsafe
# code to watch, and the SDKs compile for minutes
# A minute of the fuzzer on the event parser
fuzz:
    .ci/tool cargo-fuzz
    mkdir -p target/fuzz-corpus
    RUSTC_BOOTSTRAP=1 cargo fuzz run --dev --sanitizer none event \
        target/fuzz-corpus fuzz/corpus/event -- -max_total_time=60
