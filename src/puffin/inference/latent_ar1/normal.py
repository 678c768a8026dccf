"""proto"""
from __future__ import annotations
import math
import numpy as np
from puffin.inference.arrays import Array
from puffin.inference.compiling import kernel, part
from puffin.inference.lanes import LANES, exp_lanes, load, log_lanes, normal_pair, sqrt_lanes, store

@part
def refresh(bits, keep, fresh, z, sum_of):
    pass

@kernel
def weigh_normal(bits, keep, fresh, z, params, mu_sd, y, seen, b, c, kappa, centre, inverse, u, k, states, mus, log_weights):
    T = y.size
    n = log_weights.size
    sum_b, sum_c, n_seen = 0.0, 0.0, 0.0
    for t in range(T):
        sum_b += b[t]; sum_c += c[t]; n_seen += seen[t]
    for g in range(0, n, LANES):
        zrow = (g // LANES) * (T + 1) * LANES
        hrow = (g // LANES) * T * LANES
        mean, phi, sigma = load(params, g), load(params, n + g), load(params, 2 * n + g)
        square = sigma * sigma
        inner = 1.0 + phi * phi
        zero = phi * 0.0
        # normals
        squares = zero
        if fresh > 0.0:
            for t in range(0, T + 1, 2):
                a, d = normal_pair(bits)
                a = keep * load(z, zrow + t * LANES) + fresh * a
                store(z, zrow + t * LANES, a)
                if t < T:
                    d = keep * load(z, zrow + (t + 1) * LANES) + fresh * d
                    store(z, zrow + (t + 1) * LANES, d)
        # forward
        inv, fb, fc, qbc, qcc = zero, zero, zero, zero, zero
        for t in range(T):
            diagonal = inner + square * c[t]
            if t == 0 or t == T - 1:
                diagonal = diagonal - phi * phi
            ratio = phi * inv
            inv = 1.0 / (diagonal - phi * ratio)
            fb = b[t] + ratio * fb
            fc = c[t] + ratio * fc
            qbc = qbc + fb * fc * inv
            qcc = qcc + fc * fc * inv
            store(inverse, t * LANES, inv)
        precision = 1.0 / (mu_sd * mu_sd) + sum_c - square * qcc
        zmu = load(z, zrow + T * LANES)
        mu = (sum_b - square * qbc) / precision + zmu / sqrt_lanes(precision)
        # backward
        ut, kt, einv, jinv = zero, zero, zero, zero
        pe, pj, logs = zero + 1.0, zero + 1.0, zero
        for t in range(T - 1, -1, -1):
            inv = load(inverse, t * LANES)
            zt = load(z, zrow + t * LANES)
            squares = squares + zt * zt
            ut = phi * inv * ut + sigma * sqrt_lanes(inv) * zt
            x = kappa[t] / 3.0 * ut
            root = sqrt_lanes(1.0 + x * x)
            w = c[t] * x / (root * (1.0 + root))
            s = ut * root * w
            extra = (1.0 + root) * w
            diagonal = inner + square * c[t]
            if t == 0 or t == T - 1:
                diagonal = diagonal - phi * phi
            ratio = phi * einv
            kt = b[t] - c[t] * mu + s - centre[t] + ratio * kt
            e = diagonal - phi * ratio
            j = diagonal + square * extra - phi * phi * jinv
            einv = 1.0 / e
            jinv = 1.0 / j
            pe = pe * e
            pj = pj * j
            if t % 8 == 0:
                logs = logs + log_lanes(pj) - 1.5 * log_lanes(pe)
                pe, pj = zero + 1.0, zero + 1.0
            store(u, t * LANES, ut)
            store(inverse, t * LANES, einv)
            store(k, t * LANES, kt)
        # forward
        xt, q, ss, ll = zero, zero, zero, zero
        for t in range(T):
            xt = load(inverse, t * LANES) * (square * load(k, t * LANES) + phi * xt)
            before = q
            q = load(u, t * LANES) + xt
            h = mu + q
            store(states, hrow + t * LANES, h)
            error = seen[t] * (y[t] - mean)
            ll = ll + (seen[t] * h + error * error * exp_lanes(-h))
            if t > 0:
                d = q - phi * before
                ss = ss + d * d
            else:
                ss = (1.0 - phi * phi) * q * q
        logw = (
            -0.5 * ss / square + 0.5 * log_lanes(1.0 - phi * phi) - 0.5 * ll + 0.5 * squares + logs
            - 0.5 * n_seen * math.log(2.0 * math.pi)
            - 0.5 * mu * mu / (mu_sd * mu_sd) - math.log(mu_sd) + 0.5 * zmu * zmu - 0.5 * log_lanes(precision)
        )
        store(log_weights, g, logw)
        store(mus, g, mu)
