"""A port for a program that a test starts."""

from deploy.embedded.ports import choose_any, is_free


def a_free_port() -> int:
    """One of this worker's own, below those that the kernel gives to whoever calls.

    So nobody is given it between this choice and the listening, and who calls it in vain does not
    reach itself.
    """
    return choose_any(("any",), is_free=is_free)["any"]
