"""The errors of calls that the store refused: what was seen in memory has changed since."""

from waypost.api.errors.catalogue import ApiError, from_faults
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.storage.changes import Refusal


def refused(refusal: Refusal) -> ApiError:
    """The error of a call that the store refused."""
    if refusal is Refusal.SUPPRESSED:
        return from_faults([Fault(codes.TO_SUPPRESSED, "To", "is on the suppression list")])
    return ApiError(codes.SIGNATURE_NONCE_USED, "Each call needs a new nonce, a repeated call too.")
