"""The pages that were read, to go back and forward among them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stop:
    """A page from a heading on, and the words that were searched."""

    page: str
    anchor: str = ""
    words: str = ""


class Trail:
    """Where one was; going somewhere from within forgets what lay ahead."""

    def __init__(self) -> None:
        self._stops: list[Stop] = []
        self._at = -1

    @property
    def now(self) -> Stop | None:
        """Where one is."""
        return self._stops[self._at] if self._stops else None

    @property
    def can_go_back(self) -> bool:
        """Whether something lies behind."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether something lies ahead."""
        return self._at < len(self._stops) - 1

    def go(self, stop: Stop) -> None:
        """Go somewhere; to where one is already is no step."""
        if stop != self.now:
            self._stops[self._at + 1 :] = [stop]
            self._at += 1

    def back(self) -> None:
        """Go a step back, if there is one."""
        self._at -= self.can_go_back

    def forward(self) -> None:
        """Go a step forward, if there is one."""
        self._at += self.can_go_forward
