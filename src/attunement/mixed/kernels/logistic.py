"""Marginal likelihood of binary rows in groups with a scalar effect, and its derivatives.

With ``u = sigma v`` and v standard normal, a group's integral over v is a sum over Gauss-Hermite
nodes moved to the mode and scaled by the curvature there (Pinheiro and Bates 1995, J. Comput.
Graph. Stat. 4). The gradient is that of this sum, the movement of the nodes included.
"""

from __future__ import annotations

import math

import numpy as np

from attunement.mixed.kernels.compiled import compiled
from attunement.mixed.kernels.logistic_rows import (
    AT_ONCE,
    add_slopes,
    add_values,
    exponential,
    find_mode,
    hazard_ratio,
)

_NEGLIGIBLE = 1e-13  # share of a node that adds nothing to a gradient
_STEADY = 1e-10  # part of a gradient, in a group's own spread, below which nodes stand still


@compiled
def add_movement(link, sigma, mode, odds, events, totals, sums, pulls, rows):
    """Add to the first derivatives in `rows` what moving nodes contribute; that of sigma.

    `pulls` holds the derivative of the sum in the mode and in the spread, the other held.
    """
    curvature = 1.0 - sigma * sigma * sums[1]
    through = -0.5 * pulls[1] / (curvature * math.sqrt(curvature))
    total = pulls[0] - through * sigma**3 * sums[2]
    factor = exponential(sigma * mode)
    for i in range(odds.shape[0]):
        if link == 0:
            share = 1.0 - 1.0 / (1.0 + odds[i] * factor)
            second = -totals[i] * share * (1.0 - share)
            third = second * (1.0 - 2.0 * share)
        else:
            hazard = min(odds[i] * factor, 1e300)
            _, slope, bend = hazard_ratio(hazard)
            survived = (totals[i] - events[i]) * hazard
            second, third = events[i] * slope - survived, events[i] * bend - survived
        rows[0, i] += total * sigma / curvature * second - through * sigma * sigma * third
    direct = total * (sums[0] + sigma * mode * sums[1]) / curvature
    return direct - through * (2.0 * sigma * sums[1] + sigma * sigma * mode * sums[2])


@compiled
def add_information(x, rows, shares, nodes, slopes, scores, squared, weight, information):
    """Add a group's information with its nodes held (Louis 1982, J. R. Stat. Soc. B 44)."""
    n, p = x.shape
    part, product = np.empty((min(n, AT_ONCE), p)), np.empty((p, p))
    for start in range(0, n, AT_ONCE):
        stop = min(start + AT_ONCE, n)
        for i in range(start, stop):
            for j in range(p):
                part[i - start, j] = weight * rows[1, i] * x[i, j]
                information[p, j] += weight * rows[2, i] * x[i, j]
        np.dot(part[: stop - start].T, x[start:stop], product)
        for j in range(p):
            for other in range(p):
                information[j, other] += product[j, other]
    information[p, p] += weight * squared
    mean = np.zeros(p + 1)
    for k in range(nodes.shape[0]):
        scores[p, k] = slopes[k] * nodes[k]
        for j in range(p + 1):
            mean[j] += shares[k] * scores[j, k]
    for k in range(nodes.shape[0]):
        for j in range(p + 1):
            value = weight * shares[k] * (scores[j, k] - mean[j])
            for other in range(j + 1):
                information[j, other] -= value * (scores[other, k] - mean[other])


@compiled
def evaluate(
    link,
    first,
    last,
    starts,
    has_effect,
    columns,
    offset,
    events,
    totals,
    weights,
    coefficients,
    sigma,
    places,
    log_weights,
    slots,
    wanted,
    modes,
    loglik,
    gradient,
    information,
    moved,
):
    """Add the groups from `first` to `last`, each times its weight, to the sums of their slots.

    Rows of group g are ``starts[g]`` to ``starts[g + 1]``; `has_effect` is 0 for rows without a
    group. `modes` (G,) are where the search for them starts, and are overwritten. Sums: `loglik`
    (S,), `gradient` (S, p + 1), `information` (S, p + 1, p + 1) if `wanted`, lower triangle and
    first p columns; `moved` (S,) is the largest part of a gradient from moving nodes.
    """
    p, many = columns.shape[1], places.shape[0]
    longest = 0
    for g in range(first, last):
        longest = max(longest, starts[g + 1] - starts[g])
    long_predictor, long_odds = np.empty(longest), np.empty(longest)
    long_rows = np.empty((3, longest))
    joint, running, means = np.empty(many), np.empty(many), np.empty(AT_ONCE * many)
    all_nodes, all_factors, all_shares = np.empty(many), np.empty(many), np.empty(many)
    all_slopes, all_scores = np.empty(many), np.empty((p + 1) * many)
    sums, pulls = np.zeros(3), np.zeros(2)
    for g in range(first, last):
        weight, start, n = weights[g], starts[g], starts[g + 1] - starts[g]
        if weight == 0.0:
            continue
        slot, x = slots[g], columns[start : start + n]
        y, m = events[start : start + n], totals[start : start + n]
        predictor, odds, rows = long_predictor[:n], long_odds[:n], long_rows[:, :n]
        for i in range(n):
            value = offset[start + i] if offset.shape[0] else 0.0
            for j in range(p):
                value += x[i, j] * coefficients[j]
            predictor[i] = value
        for i in range(n):
            odds[i] = exponential(predictor[i])
        spread_out = has_effect[g] > 0.0 and sigma != 0.0
        size = many if spread_out else 1
        mode, spread = 0.0, 1.0
        if spread_out:
            mode = find_mode(link, sigma, modes[g], odds, y, m, sums)
            spread = 1.0 / math.sqrt(1.0 - sigma * sigma * sums[1])
        modes[g] = mode
        for k in range(size):
            node = mode + math.sqrt(2.0) * spread * places[k] if spread_out else 0.0
            all_nodes[k], all_factors[k] = node, exponential(sigma * node)
            joint[k] = log_weights[k] - 0.5 * node * node if spread_out else 0.0
        add_values(
            link, sigma, predictor, odds, y, m, all_nodes[:size], all_factors[:size], joint, running
        )
        highest, mass = joint[0], 0.0
        for k in range(size):
            highest = max(highest, joint[k])
        for k in range(size):
            joint[k] = math.exp(joint[k] - highest)
            mass += joint[k]
        loglik[slot] += weight * (highest + math.log(mass) + math.log(spread))
        used, pulls[1] = 0, 0.0
        for k in range(size):
            share = joint[k] / mass
            if share > _NEGLIGIBLE:
                all_nodes[used], all_factors[used] = all_nodes[k], all_factors[k]
                all_shares[used], running[used] = share, places[k]
                used += 1
        nodes, factors, shares = all_nodes[:used], all_factors[:used], all_shares[:used]
        slopes = all_slopes[:used]
        by_row = means[: AT_ONCE * used].reshape(AT_ONCE, used)
        scores = all_scores[: (p + 1) * used].reshape(p + 1, used)
        squared = add_slopes(
            link, odds, y, m, x, shares, nodes, factors, wanted, rows, slopes, scores[:p], by_row
        )
        own = 0.0
        if spread_out:
            pulls[0], pulls[1] = 0.0, 1.0 / spread
            for k in range(used):
                own += shares[k] * nodes[k] * slopes[k]
                at_node = shares[k] * (sigma * slopes[k] - nodes[k])
                pulls[0] += at_node
                pulls[1] += math.sqrt(2.0) * at_node * running[k]
            size_of_move = (abs(pulls[0]) + abs(pulls[1])) * spread
            moved[slot] = max(moved[slot], size_of_move)
            if size_of_move > _STEADY:
                own += add_movement(link, sigma, mode, odds, y, m, sums, pulls, rows)
        elif wanted and has_effect[g] > 0.0:
            # curvature of the log-likelihood in sigma at zero
            bends = 0.0
            for i in range(n):
                bends += rows[1, i]
            squared = bends - slopes[0] * slopes[0]
        gradient[slot, p] += weight * own
        for i in range(n):
            value = weight * rows[0, i]
            for j in range(p):
                gradient[slot, j] += value * x[i, j]
        if wanted:
            add_information(
                x, rows, shares, nodes, slopes, scores, squared, weight, information[slot]
            )
