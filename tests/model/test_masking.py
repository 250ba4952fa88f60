import pytest

from waypost.model.masking import mask_number


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("380501112233", "3805*****233"),
        ("+380501112233", "+3805*****233"),
        ("8613800138000", "8613******000"),
        ("38050111223", "3805****223"),
        ("3805011122", "380*****22"),
        ("12345678", "123***78"),
        ("1234567", "*******"),
        ("", ""),
    ],
)
def test_mask(number: str, masked: str) -> None:
    assert mask_number(number) == masked
