"""The table of verbs and the roles made of them."""

import re
from pathlib import Path

import pytest
from tests.requirements import requirement

from toolmarket.identity import permissions
from toolmarket.identity.permissions import PLATFORM_ROLES, ROLES, VERBS, granted_verbs, role_verbs

CHANGING = re.compile(r":(write|manage|delete|publish|create|decide|try|quarantine|moderate)$")


@requirement("10.2.c/one-table-of-verbs")
def test_every_verb_belongs_to_a_role_and_every_role_is_made_of_verbs():
    held = frozenset().union(*ROLES.values(), *PLATFORM_ROLES.values())

    assert held == set(VERBS)


def test_verbs_have_one_form_and_a_description():
    for name, verb in VERBS.items():
        assert re.fullmatch(r"[a-z]+:[a-z-]+", name)
        assert verb.name == name
        assert verb.description.endswith(".")


def test_an_auditor_reads_and_changes_nothing():
    assert not [verb for verb in ROLES["auditor"] if CHANGING.search(verb)]
    assert "audit:read" in ROLES["auditor"]


def test_no_role_of_an_organisation_reaches_the_platform():
    assert not [verb for verbs in ROLES.values() for verb in verbs if verb.startswith("platform:")]


def test_an_owner_may_all_that_any_role_may():
    assert all(verbs <= ROLES["owner"] for verbs in ROLES.values())


@pytest.mark.parametrize(
    ("owner", "key", "subset", "held"),
    [
        ("member", "owner", None, ROLES["member"]),
        ("owner", "member", None, ROLES["member"]),
        ("owner", "owner", ["runs:create"], {"runs:create"}),
        ("member", "owner", ["members:manage"], set()),
        ("nobody", "owner", None, set()),
    ],
)
def test_a_key_never_holds_more_than_its_owner(owner, key, subset, held):
    assert granted_verbs(owner, key, subset) == held


def test_platform_rights_never_pass_to_a_key():
    assert "platform:manage" in role_verbs("owner", "admin")
    assert "platform:manage" not in granted_verbs("owner", "owner", ["platform:manage"])


def test_every_verb_that_code_asks_for_is_in_the_table():
    asked = re.compile(r"""actor\.(?:require|can)\(\s*["']([^"']+)["']|\baudience=["']([^"']+)["']""")
    sources = (Path(permissions.__file__).parents[1]).rglob("*.py")

    verbs = {verb for path in sources for pair in asked.findall(path.read_text()) for verb in pair if verb}

    assert verbs - set(VERBS) == set()
    assert len(verbs) > 15
