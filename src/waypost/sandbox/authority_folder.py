"""Where the certificate authority of sandboxes is kept."""

import os
from collections.abc import Mapping
from pathlib import Path

from waypost.config.certificate import CertificateError


def authority_folder(data: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder `tls` in a sandbox's data folder.

    Without one it is in the user's own, so that the authority is the same at the next start: in
    XDG_STATE_HOME, or .local/state at home (XDG Base Directory Specification).

    Raises:
        CertificateError: the user has no home.
    """
    if data is not None:
        return data / "tls"
    state = environment.get("XDG_STATE_HOME", "")
    try:
        # A relative one is to be ignored.
        root = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise CertificateError(f"{error}. Choose a folder with --data, or by XDG_STATE_HOME") from None
    return root / "waypost" / "tls"
