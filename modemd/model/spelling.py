"""How far apart two spellings are: letters left out, put in, exchanged for another or with their neighbour."""

from collections.abc import Sequence


def distance(one: str, other: str, most: int) -> int:
    """What is further apart than `most` is said to be by one more."""
    from rapidfuzz.distance import OSA  # 4 MiB, which a daemon that stages nothing does without

    return OSA.distance(one, other, score_cutoff=most)


def near(word: str, known: Sequence[str], most: int, limit: int) -> list[tuple[str, int, int]]:
    """Of the words known those at most `most` apart, the nearest first, as (word, distance, its place)."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    return [
        (found, int(apart), place)
        for found, apart, place in process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=limit)
    ]
