"""Rows of Markdown tables."""


def head(*columns: str) -> str:
    """The names of the columns, and the line below them; all but the first hold figures."""
    return f"{row(*columns)}\n|---|{'---:|' * (len(columns) - 1)}"


def row(*cells: object) -> str:
    """One row."""
    return f"| {' | '.join(map(str, cells))} |"
