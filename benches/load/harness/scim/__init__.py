"""The SCIM face: how fast users are made and read, what a large group costs, and whether a walk misses anybody."""
