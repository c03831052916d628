"""`fewest_packages` as a mixed-integer programme, for instances too large to try everything.

Written from the words of page 30 alone, for the solver HiGHS (`highspy`), which only tests use.
"""

import highspy

from tests.planning.oracle import Lines, Shelves, by_sku, fits_whole

SECONDS = 20


def fewest(lines: Lines, shelves: Shelves) -> int:
    """How many candidates the smallest cover has."""
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("time_limit", SECONDS)
    solver.setOptionValue("threads", 1)
    everybody = range(len(next(iter(shelves.values()))))
    chosen = [solver.addBinary() for _ in everybody]
    for sku, wanted in by_sku(lines).items():
        _cover(solver, chosen, wanted, shelves[sku])
    solver.minimize(solver.qsum(chosen))
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise AssertionError(f"not solved: {solver.getModelStatus()}")
    return round(solver.getInfo().objective_function_value)


def _cover(solver: highspy.Highs, chosen: list[object], wanted: list[int], shelf: list[int]) -> None:
    units = min(sum(wanted), sum(shelf))
    if units == 0:
        return
    if len(wanted) == 1 and max(shelf) >= wanted[0]:  # one of them holds it whole
        solver.addConstr(
            solver.qsum(y for y, held in zip(chosen, shelf, strict=True) if held >= wanted[0]) >= 1
        )
    elif len(wanted) > 1 and fits_whole(wanted, shelf):  # each line goes whole to one of them
        goes = [[solver.addBinary() for _ in chosen] for _ in wanted]
        for places in goes:
            solver.addConstr(solver.qsum(places) == 1)
        for n, held in enumerate(shelf):
            load = solver.qsum(quantity * goes[line][n] for line, quantity in enumerate(wanted))
            solver.addConstr(load <= held * chosen[n])
    else:
        held_there = [held * y for y, held in zip(chosen, shelf, strict=True) if held]
        solver.addConstr(solver.qsum(held_there) >= units)
