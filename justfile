# The commands people run. `just` lists them.

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

# Both implementations of the sync on every world, one line each
compare:
    cargo run --bin drs-inventory -- compare --output line $(printf -- '--world %s ' worlds/*.json)
