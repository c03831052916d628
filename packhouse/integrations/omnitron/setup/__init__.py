"""Setting the installation up from its back office, step by step (page 70, A8).

run("channels", progress=lambda done, total: ...)
"""

from packhouse.integrations.omnitron.setup.runs import NAMES, is_required, run, start, status_of
from packhouse.integrations.omnitron.setup.steps import STEPS

__all__ = ["NAMES", "STEPS", "is_required", "run", "start", "status_of"]
