"""The task in other libraries, each as its users would write it for speed."""

# mypy: allow-untyped-calls
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engramlab.bench.task import GAIN, SLOPE, THRESHOLD, Scale

ACTIVE = np.float32(0.1)
Rates = NDArray[np.float32]


def compete(h: Rates, active: float) -> Rates:
    """Rates under the smallest inhibition that keeps their sum within `active` (bisection)."""
    whole, h = h, h[h > THRESHOLD]
    low, high = THRESHOLD, float(h.max(initial=THRESHOLD))
    if np.clip((h - low) / SLOPE, 0, 1).sum() > active:
        for _ in range(40):
            middle = 0.5 * (low + high)
            if np.clip((h - middle) / SLOPE, 0, 1).sum() > active:
                low = middle
            else:
                high = middle
    return np.asarray(np.clip((whole - low) / np.float32(SLOPE), 0, 1), np.float32)


class SparseRows:
    """NumPy and SciPy: a sparse matrix in rows; only those of active cells are used."""

    name = "NumPy/SciPy sparse"

    def __init__(self, scale: Scale) -> None:
        from scipy.sparse import csr_array

        self.scale = scale
        target, weight = scale.wiring()
        self.target = target.astype(np.int32)
        pointers = np.arange(0, scale.synapses + 1, scale.fan_out)
        shape = (scale.cells, scale.cells)
        self.base = csr_array((weight.ravel(), self.target.ravel(), pointers), shape=shape)
        self.labile = np.zeros_like(weight)

    def moment(self, pattern: Rates) -> Rates:
        """As in `engramlab.bench.ours`."""
        rows = np.flatnonzero(pattern)
        r = pattern[rows]
        targets, strength = self.target[rows], self.labile[rows]
        h = r @ self.base[rows]
        h = h + np.bincount(
            targets.ravel(), (r[:, None] * strength).ravel(), minlength=self.scale.cells
        )
        s = compete(h.astype(np.float32), self.scale.active)
        post = s[targets]
        learns = post > ACTIVE
        step = np.minimum(1, np.float32(GAIN) * r[:, None] * post)
        room = np.float32(self.scale.ceiling) - strength
        self.labile[rows] = strength + np.where(learns, step * room, 0)
        return s

    def held_bytes(self) -> int:
        """Memory for synapses."""
        return int(self.target.nbytes + self.base.data.nbytes + self.labile.nbytes)


class _Dense:
    """Weights as full matrices."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        target, weight = scale.wiring()
        self.base = np.zeros((scale.cells, scale.cells), np.float32)
        np.put_along_axis(self.base, target.astype(np.int64), weight, axis=1)

    def held_bytes(self) -> int:
        """Memory for synapses: two matrices and the mask of what is connected."""
        return 9 * self.scale.cells**2


class DenseNumPy(_Dense):
    """NumPy with full matrices."""

    name = "NumPy dense"

    def __init__(self, scale: Scale) -> None:
        super().__init__(scale)
        self.connected = self.base > 0
        self.labile = np.zeros_like(self.base)

    def moment(self, pattern: Rates) -> Rates:
        """As in `engramlab.bench.ours`."""
        s = compete(pattern @ self.base + pattern @ self.labile, self.scale.active)
        rows = np.flatnonzero(pattern > ACTIVE)
        columns = np.flatnonzero(s > ACTIVE)
        part = np.ix_(rows, columns)
        step = np.minimum(1, np.float32(GAIN) * np.outer(pattern[rows], s[columns]))
        room = np.float32(self.scale.ceiling) - self.labile[part]
        self.labile[part] += self.connected[part] * step * room
        return s


class TorchRows:
    """PyTorch on one CPU thread: rows of active cells, gathered and scattered."""

    name = "PyTorch CPU"

    def __init__(self, scale: Scale) -> None:
        import torch

        torch.set_num_threads(1)
        self.torch: Any = torch
        self.scale = scale
        target, weight = scale.wiring()
        self.target = torch.from_numpy(target.astype(np.int64))
        self.base, self.labile = torch.from_numpy(weight), torch.zeros(weight.shape)

    def moment(self, pattern: Rates) -> Rates:
        """As in `engramlab.bench.ours`."""
        torch = self.torch
        r = torch.from_numpy(pattern)
        rows = torch.nonzero(r).ravel()
        r = r[rows][:, None]
        targets, strength = self.target[rows], self.labile[rows]
        h = torch.zeros(self.scale.cells)
        h.index_add_(0, targets.ravel(), (r * (self.base[rows] + strength)).ravel())
        s = compete(h.numpy(), self.scale.active)
        post = torch.from_numpy(s)[targets]
        step = torch.clamp(GAIN * r * post, max=1) * (post > float(ACTIVE))
        self.labile[rows] = strength + step * (self.scale.ceiling - strength)
        return s

    def held_bytes(self) -> int:
        """Memory for synapses."""
        return 16 * self.scale.synapses


class DenseJAX(_Dense):
    """JAX on the CPU: full matrices, one compiled function, buffers donated."""

    name = "JAX CPU"

    def __init__(self, scale: Scale) -> None:
        import jax
        import jax.numpy as jnp

        super().__init__(scale)
        device = jax.devices("cpu")[0]
        self.base = jax.device_put(self.base, device)
        self.labile = jax.device_put(np.zeros(self.base.shape, np.float32), device)
        active, ceiling = scale.active, scale.ceiling

        def moment(labile: Any, base: Any, r: Any) -> Any:
            h = r @ base + r @ labile

            def total(g: Any) -> Any:
                return jnp.clip((h - g) / SLOPE, 0, 1).sum()

            def halve(_: int, bounds: Any) -> Any:
                low, high = bounds
                middle = 0.5 * (low + high)
                above = total(middle) > active
                return jnp.where(above, middle, low), jnp.where(above, high, middle)

            highest = jnp.maximum(h.max(), THRESHOLD)
            low, _ = jax.lax.fori_loop(0, 40, halve, (jnp.float32(THRESHOLD), highest))
            g = jnp.where(total(THRESHOLD) > active, low, THRESHOLD)
            s = jnp.clip((h - g) / SLOPE, 0, 1)
            both = jnp.outer(jnp.where(r > ACTIVE, r, 0), jnp.where(s > ACTIVE, s, 0))
            step = jnp.minimum(1, GAIN * both) * (base > 0)
            return s, labile + step * (ceiling - labile)

        self.compiled = jax.jit(moment, donate_argnums=0)

    def moment(self, pattern: Rates) -> Rates:
        """As in `engramlab.bench.ours`."""
        s, self.labile = self.compiled(self.labile, self.base, pattern)
        self.labile.block_until_ready()
        return np.asarray(s)

    def held_bytes(self) -> int:
        """Memory for synapses: two matrices."""
        return 8 * self.scale.cells**2


OTHERS = (SparseRows, DenseNumPy, TorchRows, DenseJAX)
NEEDS = {"PyTorch CPU": "torch", "JAX CPU": "jax"}
