# The usual tasks. `just ci` is the whole gate, the same here and on the server.

# Everything that a change has to pass
ci:
    bash .ci/run

# All tests, or those whose name contains FILTER
test *FILTER:
    cargo test --locked {{FILTER}}

# Formats the sources
fmt:
    cargo fmt

# Warnings are errors
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# The documentation, private items included
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

# Licences, sources and duplicates of the dependencies
deny:
    cargo deny check bans licenses sources

# A small evolving site on loopback, watched live
demo:
    cargo run --release --locked -- demo

# The benchmarks
bench:
    cargo bench --locked
