"""What verbs raise when they refuse; each interface says it in its own way (page, exit code)."""

from dataclasses import dataclass

from django.utils.translation import gettext, ngettext


class Refused(Exception):
    """The request cannot be carried out; the message is for the person who made it. Nothing was changed."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file: where, and what. `line` is 0 when it is the file as a whole."""

    line: int
    cause: str
    within: str = ""
    """The file's name in an archive, if it came in one."""


class FileRefused(Refused):
    """An import was refused whole. `problems` are the first few, `n_problems` counts all that were found."""

    SHOWN = 20

    def __init__(self, file: str, problems: list[Problem], n_problems: int | None = None) -> None:
        self.file = file
        self.problems = problems[: self.SHOWN]
        self.n_problems = len(problems) if n_problems is None else n_problems
        super().__init__(str(self))

    def lines(self) -> list[str]:
        said = [
            gettext("%(file)s, line %(line)d: %(cause)s")
            % {"file": problem.within or self.file, "line": problem.line, "cause": problem.cause}
            if problem.line
            else f"{problem.within or self.file}: {problem.cause}"
            for problem in self.problems
        ]
        if more := self.n_problems - len(self.problems):
            said.append(ngettext("%(n)d more line is wrong.", "%(n)d more lines are wrong.", more) % {"n": more})
        return said

    def __str__(self) -> str:
        return "\n".join([*self.lines(), gettext("Nothing was imported.")])
