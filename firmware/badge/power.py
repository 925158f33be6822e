"""Battery percent from the cell's voltage. Pure."""

# Resting voltage of a lithium-polymer cell in millivolts, every 10 percent from empty to full.
_CURVE_MV = (3300, 3680, 3730, 3770, 3790, 3820, 3870, 3930, 4000, 4080, 4180)


def percent(cell_mv: int) -> int:
    """Charge in percent, 0-100, of a cell at rest."""
    if cell_mv <= _CURVE_MV[0]:
        return 0
    for tenth in range(1, len(_CURVE_MV)):
        low, high = _CURVE_MV[tenth - 1], _CURVE_MV[tenth]
        if cell_mv < high:
            return 10 * (tenth - 1) + 10 * (cell_mv - low) // (high - low)
    return 100
