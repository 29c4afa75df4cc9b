"""A key to the interface: who may do what. The key itself is shown once and never kept."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from schemas.record import Record


class Scope(StrEnum):
    """What a key allows. Each scope includes those before it: write includes read, admin both."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def includes(self, other: "Scope") -> bool:
        """Whether who has this scope may do what the other one allows."""
        order = list(Scope)
        return order.index(self) >= order.index(other)


class Key(Record):
    """What is kept of a key. It stays listed when it is revoked."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    name: str = Field(min_length=1, max_length=100, description="Who or what uses it.")
    prefix: str = Field(description="The first characters of the key, to tell one from another.")
    scopes: tuple[Scope, ...] = Field(min_length=1)
    created_at: AwareDatetime
    used_at: AwareDatetime | None = Field(default=None, description="When it was last used, to about a minute.")
    revoked_at: AwareDatetime | None = None

    def allows(self, scope: Scope) -> bool:
        """Whether one of its scopes includes this one."""
        return any(given.includes(scope) for given in self.scopes)
