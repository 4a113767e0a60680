"""Runs the conformance cases against a Python module with the surface of the public package ``extism``."""
