"""One screen a file. A screen takes values and posts messages; it never calls the service."""
