"""A pair's account kept the obvious way, in the shares and prices of the day: cash goes out, shares come in.

It knows nothing of first-bar shares, price gains or skipped bars. ``run`` returns cash plus positions at each close and
the net result of each closed trade.
"""

import math
from types import SimpleNamespace

FREE = {
    "half_spread": 0.0,
    "bps": 0.0,
    "per_share": 0.0,
    "minimum": 0.0,
    "per_order": 0.0,
    "impact": 0.0,
    "participation": math.inf,
    "borrow": 0.0,
    "debit": 0.0,
    "credit": 0.0,
    "lot": 0.0,
    "legging": 0.0,
    "limit": math.inf,
    "expires": 3,
}


def run(legs, days, z, ratio, *, rule, costs, capital, fraction=1.0, gate=None, first=0, life=None):
    """Trade it.

    legs : two of SimpleNamespace(close, fill, dividend, split, volume, sigma, lends, recalled, ends, lost): lists over
        bars; close None = no bar; dividend per old share; ends = first bar after delisting or None.
    """
    c = SimpleNamespace(**(FREE | costs))
    cash, shares, last_close = float(capital), [0.0, 0.0], [None, None]
    order = None
    equity_path, results = [], []
    held = wait = 0
    before = 0
    trade = None
    pending_recall = [False, False]
    equity, earned = float(capital), 0.0
    for t in range(len(days)):
        for leg in (0, 1):
            pending_recall[leg] |= legs[leg].recalled[t]
        if t < first:
            for leg in (0, 1):
                if legs[leg].close[t] is not None:
                    last_close[leg] = legs[leg].close[t]
            if legs[0].close[t] is not None and legs[1].close[t] is not None:
                pending_recall = [False, False]
            continue
        night = (days[t] - days[t - 1]) / 360.0 if t else 0.0
        values = [s * (p or 0.0) for s, p in zip(shares, last_close, strict=True)]
        idle = equity - sum(v for v in values if v > 0)
        if t > first:
            cash += idle * night * (c.debit if idle < 0 else c.credit)
            earned += max(idle, 0.0) * night * c.credit
        for leg in (0, 1):
            if shares[leg] < 0:
                cash -= -shares[leg] * last_close[leg] * c.borrow * night
            cash += shares[leg] * legs[leg].dividend[t]
            shares[leg] *= legs[leg].split[t]
            if last_close[leg] is not None:
                last_close[leg] /= legs[leg].split[t]
            if order:
                order["target"][leg] *= legs[leg].split[t]
                order["price"][leg] /= legs[leg].split[t]
        if order and order["live"]:
            cash, order, trade = fill(legs, t, c, cash, shares, order, trade, results, earned)
        for leg in (0, 1):
            if legs[leg].close[t] is not None:
                last_close[leg] = legs[leg].close[t]
        for leg in (0, 1):
            if legs[leg].ends == t:
                order = None
                if shares[leg]:
                    loss = legs[leg].lost[0 if shares[leg] > 0 else 1]
                    cash += shares[leg] * last_close[leg] * (1 + loss)
                    shares[leg] = 0.0
                    trade = closed(shares, trade, results)
        equity = cash + sum(s * (p or 0.0) for s, p in zip(shares, last_close, strict=True))
        equity_path.append(equity)
        gone = any(leg.ends is not None and t >= leg.ends for leg in legs)
        there = [leg.close[t] is not None for leg in legs]
        if not (all(there) or (gone and any(there))):
            continue
        side = int(shares[0] > 0) - int(shares[0] < 0) or int(shares[1] < 0) - int(shares[1] > 0)
        if side:
            held, wait = (held + 1 if side == before else 1), 0
        else:
            held, wait = 0, (rule.cooldown if before else max(wait - 1, 0))
        before = side
        state = 0 if gate is None else gate[t]
        recalled = list(pending_recall)
        pending_recall = [False, False]
        forced = state == 2 or gone or equity <= 0 or recalled[1 if side > 0 else 0]
        pnl = equity - earned - trade["start"] if trade else 0.0
        action = decide(
            rule, side, held, wait, order, z[t], forced,
            state == 0 and not gone and equity > 0
            and legs[1 if z[t] < 0 else 0].lends[t] and not recalled[1 if z[t] < 0 else 0],
            pnl, trade, None if life is None else life[t],
        )  # fmt: skip
        if action == "leave":
            order = {"target": [0.0, 0.0], "age": 0, "kind": "leave", "live": True, "price": list(last_close)}
        elif action:
            direction = side or (-1 if z[t] > 0 else 1)
            gross = fraction * equity if action == "enter" else trade["gross"]
            dollars = gross / (1 + ratio[t]) if ratio[t] > 0 else 0.0
            target = [
                lots(direction * dollars / last_close[0], c.lot),
                lots(-direction * ratio[t] * dollars / last_close[1], c.lot),
            ]
            if all(target):
                order = {"target": target, "age": 0, "kind": action, "live": True, "price": list(last_close)}
    return equity_path, results


def decide(rule, side, held, wait, order, z, forced, allowed, pnl, trade, life):
    """enter, leave, rebalance or nothing."""
    if not side:
        short_lived = math.isinf(rule.max_half_life) or life <= rule.max_half_life
        if not order and not wait and rule.entry_z <= abs(z) < rule.stop_z and allowed and short_lived:
            return "enter"
        return None
    if order and order["kind"] == "leave":
        return "leave" if not order["live"] else None
    near = z * side
    if (
        forced
        or pnl <= -rule.stop_loss * trade["gross"]
        or near <= -rule.stop_z
        or pnl >= rule.take_profit * trade["gross"]
        or near >= -rule.exit_z
        or (rule.time_stop and held >= rule.time_stop)
    ):
        return "leave"
    if rule.rebalance_every and not order and held % rule.rebalance_every == 0:
        return "rebalance"
    return None


def lots(shares, lot):
    """Whole lots, towards zero."""
    if not lot:
        return shares
    return math.copysign(math.floor(abs(shares) / lot * (1 + 1e-12)) * lot, shares)


def fill(legs, t, c, cash, shares, order, trade, results, earned):
    """Fill what can be filled; both legs alike, or neither."""
    order["age"] += 1
    change = [target - have for target, have in zip(order["target"], shares, strict=True)]
    price = [leg.fill[t] for leg in legs]
    moving = [leg for leg in (0, 1) if abs(change[leg]) > 1e-12 * abs(order["target"][leg])]
    ready = all(price[leg] is not None for leg in moving)
    if c.impact or c.participation < math.inf:
        ready = ready and all(legs[leg].volume[t] is not None for leg in moving)
    if ready and order["kind"] == "enter":
        if not legs[1 if order["target"][0] > 0 else 0].lends[t]:
            return cash, None, trade
        slipped = sum(change[leg] * (price[leg] - order["price"][leg]) for leg in moving)
        if slipped > c.limit * sum(abs(change[leg]) * order["price"][leg] for leg in moving):
            ready = False
    if ready:
        part = min(
            [1.0]
            + [
                c.participation * legs[leg].volume[t] / abs(change[leg])
                for leg in moving
                if c.participation < math.inf
            ]
        )
        done = [0.0, 0.0]
        for leg in moving:
            done[leg] = change[leg] if part == 1.0 else lots(part * change[leg], c.lot)
        if part < 1.0 and shares[0] == 0.0 and not all(done):
            done = [0.0, 0.0]
        if any(done):
            if trade is None:
                trade = {"gross": 0.0, "start": cash - earned}
            value = [abs(done[leg]) * price[leg] if done[leg] else 0.0 for leg in (0, 1)]
            paid = c.legging * min(value)
            for leg in (0, 1):
                if done[leg]:
                    paid += c.half_spread * value[leg] + c.per_order
                    paid += max(c.minimum, c.bps * value[leg] + c.per_share * abs(done[leg]))
                    if c.impact:
                        share = abs(done[leg]) / legs[leg].volume[t]
                        paid += c.impact * legs[leg].sigma[t] * math.sqrt(share) * value[leg]
                cash -= done[leg] * price[leg] if done[leg] else 0.0
                shares[leg] = order["target"][leg] if part == 1.0 else shares[leg] + done[leg]
            cash -= paid
            if order["kind"] == "enter":
                trade["gross"] += sum(value)
            if part == 1.0:
                order = None
            before = trade
            trade = closed(shares, trade, results)
            if trade is None:
                results[-1] = cash - earned - before["start"]
                return cash, order, None
    if order and order["age"] >= c.expires:
        if order["kind"] == "leave":
            order["live"] = False
        else:
            order = None
    return cash, order, trade


def closed(shares, trade, results):
    """The trade, or None where nothing is left of it."""
    if any(shares):
        return trade
    results.append(None)
    return None
