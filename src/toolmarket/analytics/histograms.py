"""Histograms of times whose quantiles are right within one percent, and their packed form.

The buckets grow by a constant factor, so that a relative error holds from microseconds to hours; two
histograms are merged by adding their counts, without loss.

Source:
    C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch with
    relative-error guarantees", PVLDB 12 (2019), 2195-2205.
"""

import math
from collections.abc import Iterable

Histogram = dict[int, int]
"""Bucket number to how many values fell into it."""

ACCURACY = 0.01
FORMAT = 1
_GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
_BUCKETS_PER_LOG = 1 / math.log(_GROWTH)
_MIDDLE = 2 / (1 + _GROWTH)
_NUMBER_END = 0x80


def bucket(micros: int) -> int:
    """The bucket of a time in whole microseconds; 0 is that of no time at all."""
    return 1 + math.ceil(math.log(micros) * _BUCKETS_PER_LOG) if micros > 0 else 0


def bucket_micros(number: int) -> float:
    """The time that stands for all in a bucket, within `ACCURACY` of each of them."""
    return _MIDDLE * _GROWTH ** (number - 1) if number else 0.0


def add(histogram: Histogram, times_micros: Iterable[int]) -> None:
    """Count times."""
    for micros in times_micros:
        number = bucket(micros)
        histogram[number] = histogram.get(number, 0) + 1


def merge(histogram: Histogram, other: Histogram) -> None:
    """Count everything that the other has counted."""
    for number, count in other.items():
        histogram[number] = histogram.get(number, 0) + count


def quantile_micros(histogram: Histogram, share: float) -> float:
    """The time that this share of the values does not exceed; 0.0 where there are none.

    Args:
        share: between 0.0 and 1.0; the value of rank floor(share * (count - 1)) is estimated.
    """
    ahead = math.floor(share * (sum(histogram.values()) - 1))
    for number in sorted(histogram):
        ahead -= histogram[number]
        if ahead < 0:
            return bucket_micros(number)
    return 0.0


def pack(histogram: Histogram) -> bytes:
    """As bytes: the format's number, then for each bucket its distance to the one before and its count."""
    packed = bytearray([FORMAT])
    before = 0
    for number in sorted(histogram):
        _append(packed, number - before)
        _append(packed, histogram[number])
        before = number
    return bytes(packed)


def unpack(packed: bytes) -> Histogram:
    """The histogram in these bytes.

    Raises:
        ValueError: they are none, or of a newer format.
    """
    if not packed or packed[0] != FORMAT or packed[-1] >= _NUMBER_END:
        raise ValueError("not a packed histogram of a known format")
    numbers, value, shift = [], 0, 0
    for byte in memoryview(packed)[1:]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < _NUMBER_END:
            numbers.append(value)
            value = shift = 0
    histogram, number = {}, 0
    for distance, count in zip(numbers[::2], numbers[1::2], strict=True):
        number += distance
        histogram[number] = count
    return histogram


def _append(packed: bytearray, number: int) -> None:
    while number >= _NUMBER_END:
        packed.append(number & 0x7F | _NUMBER_END)
        number >>= 7
    packed.append(number)
