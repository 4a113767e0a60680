"""The version of the runtime."""

from ._native import __version__


def extism_version() -> str:
    """The version of the runtime, under the name that the public SDK has for it.

    >>> from plugwright import __version__
    >>> extism_version() == __version__
    True
    """
    return __version__
