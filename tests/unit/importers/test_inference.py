"""JSON samples become one schema that accepts them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.requirements import requirement

from toolmarket.importers import inference
from toolmarket.importers.inference import infer
from toolmarket.kit.json_schema import Validator

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text()
    | st.sampled_from(["2024-02-28", "2024-01-01T10:00:00Z", "a@example.com", "https://example.com/a"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(JSON, min_size=1, max_size=6))
def test_a_schema_accepts_every_sample(samples: list[Any]) -> None:
    check = Validator(infer(samples))

    assert all(check.accepts(sample) for sample in samples)


@requirement("2.2.c/samples-become-schemas")
def test_what_every_sample_has_is_required_and_the_rest_is_optional() -> None:
    schema = infer([{"id": 1, "note": "x"}, {"id": 2, "note": None}, {"id": 3.5}])

    assert schema["required"] == ["id"]
    assert schema["properties"] == {"id": {"type": "number"}, "note": {"type": ["string", "null"]}}


def test_one_sample_does_not_tell_what_is_required() -> None:
    assert "required" not in infer([{"id": 1}])


@pytest.mark.parametrize(
    ("count", "values", "found"),
    [
        (30, ["open", "closed", "merged"], ["closed", "merged", "open"]),
        (6, ["open", "closed"], None),
        (30, [f"name {number}" for number in range(15)], None),
        (30, ["a1b2c3d4e5f6g7h8", "b1b2c3d4e5f6g7h8"], None),
    ],
)
def test_few_values_over_many_samples_are_an_enum(
    count: int, values: list[str], found: list[str] | None
) -> None:
    schema = infer([values[number % len(values)] for number in range(count)])

    assert schema.get("enum") == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-31T10:00:00.5+02:00", "date-time"),
        ("2024-01-28", "date"),
        ("9f1c2b34-0000-4000-8000-0123456789ab", "uuid"),
        ("jo@example.com", "email"),
        ("https://example.com/a?b=c", "uri"),
        ("10.0.0.1", "ipv4"),
        ("10.0.0.999", None),
        ("plain", None),
    ],
)
def test_formats_are_told_where_all_samples_have_them(text: str, expected: str | None) -> None:
    assert infer([text, text]).get("format") == expected
    assert "format" not in infer([text, "plain"])


def test_an_object_whose_names_are_ids_is_a_map() -> None:
    schema = infer([{"1001": {"a": 1}, "1002": {"a": 2, "b": "x"}}])

    assert schema["additionalProperties"]["properties"].keys() == {"a", "b"}
    assert "properties" not in schema


def test_texts_of_a_query_get_their_types() -> None:
    assert inference.of_texts(["1", "20"]) == ({"type": "integer"}, [1, 20])
    assert inference.of_texts(["true"]) == ({"type": "boolean"}, [True])
    assert inference.of_texts(["1.5"]) == ({"type": "number"}, [1.5])
    assert inference.of_texts(["007"])[0] == {"type": "string"}
    assert inference.of_texts([])[0] == {"type": "string"}
