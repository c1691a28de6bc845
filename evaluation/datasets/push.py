"""Push a data set's folder to a hub."""

import json
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from evaluation.datasets.written import SUMS
from labeling.errors import Refused


@dataclass(frozen=True)
class Pushed:
    """Where it is, and the commit that brought it."""

    address: str
    commit: str


def push_dataset(*, folder: Path, repository: str, private: bool = True) -> Pushed:
    """Make the repository on the hub hold what the folder holds, and make the repository where there is none.

    repository: `owner/name`. The hub and the token are those of huggingface_hub: HF_ENDPOINT, HF_TOKEN, or who is
    logged in. Raises Refused where the folder is no data set of ours, or the hub refuses.
    """
    from huggingface_hub import HfApi, get_token
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if not (folder / SUMS).exists():
        raise Refused(_("%(folder)s is no data set: it has no %(file)s.") % {"folder": folder, "file": SUMS})
    if get_token() is None:
        raise Refused(_("There is no token for the hub: set HF_TOKEN."))
    recipe = json.loads((folder / "recipe.json").read_text())
    hub = HfApi()
    try:
        hub.create_repo(repository, repo_type="dataset", private=private, exist_ok=True)
        pushed = hub.upload_folder(
            repo_id=repository,
            repo_type="dataset",
            folder_path=folder,
            commit_message=f"Data set from Concord: {recipe['format']}, seed {recipe['seed']}",
            delete_patterns=["*"],
        )
    except (HfHubHTTPError, HFValidationError, OSError) as refused:
        raise Refused(_("The hub refused: %(why)s") % {"why": refused}) from refused
    return Pushed(str(pushed.repo_url), pushed.oid)
