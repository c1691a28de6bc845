from argparse import ArgumentParser
from typing import Any

from labeling.assignment.make_tasks import make_tasks
from labeling.console import ConcordCommand, Result, add_project, project_at
from labeling.generation.marks import Mark


class Command(ConcordCommand):
    help = "Make a task for annotators of every prompt that has enough responses and no task yet."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--responses", type=int, required=True, metavar="K", help="responses to a task, 0 to 9")
        parser.add_argument("--overlap", type=int, required=True, metavar="N", help="annotators to a task")
        parser.add_argument("--standing", action="store_true", help="go on making tasks as responses arrive")
        parser.add_argument("--per-owner", type=int, metavar="N", help="at most N tasks from the prompts of one owner")
        parser.add_argument("--for-evaluation", action="store_true", help="to score models, never as training data")
        parser.add_argument(
            "--leave-out",
            choices=Mark.values,
            action="append",
            default=[],
            help="responses so marked; again for others",
        )
        parser.add_argument("--seed", type=int, help="draw the responses again as a plan with this seed did")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        plan, n_tasks = make_tasks(
            project=project,
            responses=options["responses"],
            overlap=options["overlap"],
            standing=options["standing"],
            per_owner=options["per_owner"],
            for_evaluation=options["for_evaluation"],
            leaves_out=options["leave_out"],
            seed=options["seed"],
        )
        return {
            "project": project.slug,
            "tasks": n_tasks,
            "responses": plan.responses,
            "overlap": plan.overlap,
            "seed": plan.seed,
        }

    def tell(self, result: Result) -> str:
        return (
            f"{result['tasks']} tasks of {result['responses']} responses made in {result['project']}, "
            f"each for {result['overlap']} annotators."
        )
