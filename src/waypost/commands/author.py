"""The author of changes that commands make."""

import getpass
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from waypost.model.audit import Author


def command_author() -> "Author":
    """The user of the operating system who runs the command, now."""
    from waypost.clock import SystemClock
    from waypost.model.audit import Author

    return Author(SystemClock().now(), f"cli/{_os_user()}")


def _os_user() -> str:
    """The name of the user, or the number of one that the system has no name for."""
    try:
        import pwd

        # Not by the environment, which anybody sets.
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
    except ImportError:
        return getpass.getuser()
