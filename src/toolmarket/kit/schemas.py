"""The base of every shape that crosses a door."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Schema(BaseModel):
    """A frozen shape; unknown members are refused, so a misspelt field is never lost silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True, populate_by_name=True)


class Page(Schema, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: Annotated[str | None, Field(description="Pass as `cursor` for the next page.")] = None
    total: Annotated[int, Field(description="Exact up to 10,000.")]
    total_capped: Annotated[bool, Field(description="There are more than `total`.")] = False
