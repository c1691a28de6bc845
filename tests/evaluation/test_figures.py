import pytest

from evaluation.notation import figure


@pytest.mark.parametrize(
    ("value", "of", "shown"),
    [
        (0.64686, "krippendorff_alpha", "0.647"),
        (-0.0004, "krippendorff_alpha", "0.000"),
        (0.81944, "agreement_with_ties", "81.9 %"),
        (0.9995, "win_rate", "100.0 %"),
        (1411.6, "bradley_terry", "1412"),
        (4.125, "likert.helpfulness", "4.12"),
        (None, "win_rate", "–"),
    ],
)
def test_figures_are_rounded_to_the_digits_that_mean_something(value: float | None, of: str, shown: str) -> None:
    assert figure(value, of) == shown
