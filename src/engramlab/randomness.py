"""Counter-based random numbers: a value depends on its key and its counter, on nothing else.

So results do not depend on the order in which animals, sessions or threads run. The generator is
the SplitMix64 finaliser (Steele, Lea & Flood 2014, OOPSLA, doi 10.1145/2660193.2660195) applied to
``key + counter * golden``; streams are derived keys.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

from engramlab.kernel import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53
MASK_64 = (1 << 64) - 1


def derive_key(*parts: str | int) -> int:
    """Key (uint64) of a named stream, e.g. ``derive_key(seed, group, animal)``.

    Parts are hashed with their types and lengths, so no two different lists of parts give the
    same input to the hash.
    """
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@kernel
def mix(value):
    """SplitMix64 finaliser of a uint64."""
    z = np.uint64(value)
    z = np.uint64((z ^ (z >> np.uint64(30))) * MIX_1)
    z = np.uint64((z ^ (z >> np.uint64(27))) * MIX_2)
    return np.uint64(z ^ (z >> np.uint64(31)))


@kernel
def substream(key, index):
    """Key of the `index`-th stream below `key`."""
    return mix(np.uint64(mix(np.uint64(key)) + np.uint64(index) * GOLDEN + np.uint64(1)))


@kernel
def uniform(key, counter):
    """Uniform number in [0, 1) for this key and counter."""
    z = mix(np.uint64(np.uint64(key) + (np.uint64(counter) + np.uint64(1)) * GOLDEN))
    return np.float64(z >> np.uint64(11)) * TO_UNIT


@kernel
def normal(key, counter):
    """Standard normal number for this key and counter (Box & Muller 1958)."""
    u = 1.0 - uniform(key, 2 * counter)  # in (0, 1]: the logarithm is finite
    v = uniform(key, 2 * counter + 1)
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@kernel
def noise(key, counter):
    """Nearly normal number, mean 0 and sd 1, from one hash: the sum of four 16-bit uniforms.

    The Irwin-Hall sum of four has excess kurtosis -0.3 and stays within +-3.5; it is used for the
    fast noise of single moments only.
    """
    z = mix(np.uint64(np.uint64(key) + (np.uint64(counter) + np.uint64(1)) * GOLDEN))
    low = np.uint64(0xFFFF)
    total = (
        np.float64(z & low)
        + np.float64((z >> np.uint64(16)) & low)
        + np.float64((z >> np.uint64(32)) & low)
        + np.float64(z >> np.uint64(48))
    )
    return (total / 65536.0 - 1.999969482421875) * 1.7320508075688772
