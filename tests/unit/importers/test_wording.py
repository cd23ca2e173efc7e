"""Names and effects are proposed from what a document says."""

import re

import pytest
from tests.requirements import requirement

from toolmarket.catalog.schemas import OPERATION_NAME
from toolmarket.importers import effects, naming, wording


@requirement("2.2.c/effects-proposed")
@pytest.mark.parametrize(
    ("method", "path", "operation_id", "kind", "destructive", "idempotent"),
    [
        ("GET", "/pets/{id}", "getPet", "read", False, True),
        ("POST", "/pets/search", "", "read", False, True),
        ("POST", "/things", "findThings", "read", False, True),
        ("POST", "/pets", "addPet", "create", False, False),
        ("PUT", "/pets/{id}", "", "update", False, True),
        ("PATCH", "/pets/{id}", "updatePet", "update", False, False),
        ("DELETE", "/pets/{id}", "", "delete", True, True),
        ("GET", "/pets/{id}/delete", "", "delete", True, False),
        ("GET", "/logout", "logoutUser", "delete", True, False),
        ("GET", "/users/deleted", "listDeletedUsers", "read", False, True),
        ("GET", "/settings/reset-history", "getResetHistory", "read", False, True),
        ("POST", "/jobs/{id}/cancel", "cancelJob", "delete", True, False),
        ("POST", "/users", "getOrCreateUser", "opaque", True, False),
        ("POST", "/graphql", "", "opaque", True, False),
        ("POST", "/payments/{id}/capture", "", "opaque", True, False),
        ("POST", "/pets/{id}", "updatePetWithForm", "update", False, False),
        ("HEAD", "/pets", "", "read", False, True),
        ("QUERY", "/pets", "", "read", False, True),
        ("PURGE", "/cache", "", "opaque", True, False),
    ],
)
def test_effects_follow_method_and_wording(
    method: str, path: str, operation_id: str, kind: str, destructive: bool, idempotent: bool
) -> None:
    found = effects.propose(method, path, operation_id)

    assert (found.kind, found.destructive, found.idempotent) == (kind, destructive, idempotent)
    assert found.read_only is (kind == "read")


@requirement("2.2.c/names-understood")
@pytest.mark.parametrize(
    ("operation_id", "method", "path", "name"),
    [
        ("listPets", "GET", "/pets", "list_pets"),
        ("", "GET", "/pets/{petId}", "get_pets_by_pet_id"),
        ("getOAuth2Token", "POST", "/token", "get_oauth2_token"),
        ("getHTTPResponse", "GET", "/x", "get_http_response"),
        ("pets/list-all", "GET", "/pets", "pets_list_all"),
        ("获取宠物", "GET", "/pets", "get_pets"),
        ("9f8b7c6d5e4f3a2b1c", "GET", "/pets", "get_pets"),
        ("delete_2", "DELETE", "/v1/customers/{id}", "delete_customers"),
        ("3dModels", "GET", "/models", "op_3d_models"),
    ],
)
def test_operations_are_named_for_a_reader(operation_id: str, method: str, path: str, name: str) -> None:
    assert naming.OperationNames().choose(operation_id, method, path) == name


def test_names_are_unique_short_and_end_at_words() -> None:
    names = naming.OperationNames()
    long = "retrieveTheConfigurationOfTheNotificationChannelForTheGivenOrganizationAndEnvironment"

    found = [names.choose(long, "get", f"/a/b{number}") for number in range(20)]

    assert len(set(found)) == 20
    assert all(re.fullmatch(OPERATION_NAME, name) for name in found)
    assert found[0] == "retrieve_configuration_notification_channel"


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("filter[name]", "filter_name"), ("$top", "top"), ("page.size", "page_size"), ("2fa", "query_2fa"),
        ("名", "query"), ("_links", "_links"), ("Größe", "Groe"), ("a" * 80, "a" * 64),
    ],
)  # fmt: skip
def test_arguments_are_named_in_letters_that_every_model_takes(wire: str, name: str) -> None:
    assert naming.argument(wire, set(), location="query") == name


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("<p>One</p><ul><li>two &amp; three</li></ul>", "One\n\ntwo & three"),
        ("a ![logo](https://x.example/a.png) b", "a b"),
        ("x\u200b\u202ey\x00", "xy"),
        ("a < b and c > d", "a < b and c > d"),
        ("a<!-- b --> c<!-- d", "a c"),
        (None, ""),
        (5, "5"),
    ],
)
def test_texts_are_cleaned(raw: object, told: str) -> None:
    assert wording.clean(raw, 100) == told


def test_texts_end_at_a_sentence_and_do_not_repeat_the_summary() -> None:
    assert wording.shorten("First sentence here. Second one is long.", 30) == "First sentence here."
    assert wording.described("List pets", "List pets.", 100) == "List pets"
    assert wording.described("List pets", "All of them.", 100) == "List pets.\n\nAll of them."
