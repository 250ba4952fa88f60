"""How a phone number is written where it is not needed whole: logs and timelines."""


def mask_number(number: str) -> str:
    """The number with its middle hidden, so that two can be told apart and neither can be called.

    Eleven digits and more keep the first four and the last three, eight to ten the first three and the
    last two; anything shorter is hidden whole, because what stayed would be most of it. A leading `+`
    stays and is not counted.

    Args:
        number: a phone number, or any identifier that stands where one is expected.

    Returns:
        Text of the same length: `mask_number("380501112233")` is `3805*****233`.
    """
    plus = "+" if number.startswith("+") else ""
    digits = number[len(plus) :]
    if len(digits) >= 11:
        head, tail = 4, 3
    elif len(digits) >= 8:
        head, tail = 3, 2
    else:
        head, tail = 0, 0
    hidden = "*" * (len(digits) - head - tail)
    return plus + digits[:head] + hidden + digits[len(digits) - tail :]
