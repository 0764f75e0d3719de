# `just` alone lists the recipes. Nothing here is needed: ./scripts/demo runs the server, and
# ./scripts/test is what CI runs.

set shell := ["bash", "-euo", "pipefail", "-c"]

[private]
default:
    @just --list --unsorted

# Run the server with demo data; arguments go to `idgraph serve`
demo *args:
    ./scripts/demo {{ args }}

# Everything CI checks
test:
    ./scripts/test

# One test binary or a filter, without the checks: just t resolution
t *args: services
    cargo test --workspace --locked {{ args }}

# PostgreSQL and Redis for the tests, started if need be
services:
    ./scripts/services

# Formatting and lints only
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Format, and apply what clippy can fix by itself
fmt:
    cargo clippy --workspace --all-targets --fix --allow-dirty --allow-staged
    cargo fmt --all

# Write schema.graphql and openapi.json anew from the code
schema:
    cargo run --locked -- schema graphql > schema.graphql.new
    mv schema.graphql.new schema.graphql
    cargo run --locked -- schema openapi > openapi.json.new
    mv openapi.json.new openapi.json

# Fetch the pinned GraphiQL and React into assets/graphiql
graphiql:
    ./scripts/update-graphiql

# Server, PostgreSQL and Redis in containers
up:
    docker compose up --build

# Stop them; `just down --volumes` forgets their data too
down *args:
    docker compose down {{ args }}
