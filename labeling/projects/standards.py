"""What a project asks of its annotators before and while they work."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

HIGHEST_GRADE = 7

share = [MinValueValidator(0.0), MaxValueValidator(1.0)]
grade = [MinValueValidator(1.0), MaxValueValidator(float(HIGHEST_GRADE))]


class Standards(models.Model):
    """The columns of a project that say so. The marks of the exam are those of Ouyang et al. 2022, appendix B.1."""

    requires_exam = models.BooleanField(_("An exam comes before work"), default=False)
    pass_comparisons = models.FloatField(_("Pass mark: comparisons agreed with"), default=0.75, validators=share)
    pass_flags = models.FloatField(_("Pass mark: flags agreed with"), default=0.75, validators=share)
    pass_ratings = models.FloatField(_("Pass mark: ratings within one point"), default=0.0, validators=share)
    pass_demonstrations = models.FloatField(
        _("Pass mark: mean grade of written answers, 1–7"), default=6.0, validators=grade
    )
    gold_rate = models.FloatField(
        _("Share of gold among the tasks given out"), default=0.0, validators=[share[0], MaxValueValidator(0.5)]
    )
    gold_threshold = models.FloatField(_("Pause who agrees with gold less than"), default=0.6, validators=share)
    gold_after = models.PositiveSmallIntegerField(
        _("Not before so many golds"), default=5, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(gold_rate__gte=0, gold_rate__lte=0.5), name="project_gold_rate_sane"
            )
        ]
