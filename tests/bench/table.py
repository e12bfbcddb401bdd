"""A figure, its target, and what ran beside it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    measure: str
    figure: float
    unit: str
    most: float  # the target: at most this
    beside: str
    their_figure: float

    @property
    def met(self) -> bool:
        return self.figure <= self.most


def show(rows: list[Row]) -> None:
    print(f"\n{'measure':40} {'figure':>10} {'target':>10} {'':4} beside")
    for row in rows:
        ratio = f"{row.figure / row.their_figure:.1f} x" if row.their_figure else "-"
        print(
            f"{row.measure:40} {row.figure:7.2f} {row.unit:3}<={row.most:6g} {row.unit:3} "
            f"{'met ' if row.met else 'MISS'} {row.beside} {row.their_figure:.2f} {row.unit} ({ratio})"
        )
