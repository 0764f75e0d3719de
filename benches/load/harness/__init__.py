"""The load harness of idgraph: what the steps of `benches/load/run` do."""
