"""The REST and OAuth faces: reads, introspection, reports of what accounts do, revocation, and many connections at once."""
