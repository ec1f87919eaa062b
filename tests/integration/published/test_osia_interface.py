"""Our description of OSIA's Enrollment interface against the interface itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from support.onward import hand_over
from support.osia_enrollment import INTERFACE, SCHEMAS, enrollment_schema
from support.osia_server import OsiaServer, Said, serving
from support.published import osia_interface
from support.records import small_draft

from fieldkit.formats.container import read_container, write_container
from fieldkit.ports.delivery import OnwardState, Outcome
from sync.gateway.onward.osia import Access, OsiaClient, OsiaEnrollment

REAL = osia_interface()
PATHS = [(path, method) for path, operations in INTERFACE["paths"].items() for method in operations]
SAME = ("type", "format", "readOnly", "minItems", "additionalProperties")


def resolved(schema: Mapping[str, Any], interface: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema that a reference names."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return interface["components"]["schemas"][name] if name else schema


def unlike(ours: Mapping[str, Any], theirs: Mapping[str, Any], at: str, interface: Mapping[str, Any]) -> Iterator[str]:
    """Yield what our schema states and theirs does not; an object that each country fills has no type with them."""
    ours, theirs = resolved(ours, interface), resolved(theirs, REAL)
    if ours == {"type": "object"} and not theirs.keys() & {"type", "enum", "properties"}:
        return
    yield from (f"{at}: {name} {ours[name]}" for name in SAME if name in ours and ours[name] != theirs.get(name))
    if set(ours.get("required", [])) != set(theirs.get("required", [])):
        yield f"{at}: required {ours.get('required')}"
    said = theirs.get("enum") or re.findall(r"\w+", theirs.get("description", ""))
    yield from (f"{at}: {word}" for word in ours.get("enum", []) if word not in said)
    for name, schema in ours.get("properties", {}).items():
        if name in theirs.get("properties", {}):
            yield from unlike(schema, theirs["properties"][name], f"{at}.{name}", interface)
        else:
            yield f"{at}.{name}: unknown"
    if "items" in ours:
        yield from unlike(ours["items"], theirs.get("items", {}), f"{at}[]", interface)


def content(place: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = place.get("content", {}).get("application/json", {}).get("schema", {})
    return found


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_that_we_describe_is_described_there(name: str) -> None:
    assert list(unlike(SCHEMAS[name], REAL["components"]["schemas"][name], name, INTERFACE)) == []


@pytest.mark.parametrize(("path", "method"), PATHS)
def test_every_request_that_we_describe_is_described_there(path: str, method: str) -> None:
    ours, theirs = INTERFACE["paths"][path][method], REAL["paths"][path][method]
    assert ours["operationId"] == theirs["operationId"]
    stated = ("name", "in", "required")
    there = {each["name"]: each for each in theirs["parameters"]}
    for each in ours["parameters"]:
        assert [each[part] for part in stated] == [there[each["name"]][part] for part in stated]
        assert each["schema"].items() <= there[each["name"]]["schema"].items()
    assert {name for name, each in there.items() if each["required"]} <= {each["name"] for each in ours["parameters"]}
    assert content(ours.get("requestBody", {})) == content(theirs.get("requestBody", {}))
    assert ours["responses"].keys() <= theirs["responses"].keys()
    for code, answer in ours["responses"].items():
        assert content(answer) == content(theirs["responses"][code]), code


def wrong(path: str, value: object) -> dict[str, Any]:
    """Return our description with one thing that is not so."""
    made = deepcopy(dict(INTERFACE))
    place, *names = ["components", *path.split(".")]
    at = made[place]
    for name in names[:-1]:
        at = at[name]
    at[names[-1]] = value
    return made


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schemas.Enrollment.properties.kit", {"type": "string"}),
        ("schemas.Enrollment.properties.enrollmentType", {"type": "integer"}),
        ("schemas.Enrollment.required", ["enrollmentId"]),
        ("schemas.BiometricData.properties.compression.enum", ["WSQ", "JPEG XL"]),
        ("schemas.BiometricData.properties.qualityFormat.enum", ["NFIQ3"]),
        ("schemas.BiometricSubType.enum", ["RIGHT_TOE"]),
        ("schemas.DocumentData.properties.parts.minItems", 2),
    ],
)
def test_a_description_that_is_not_so_is_seen(path: str, value: object) -> None:
    spoiled = wrong(path, value)
    schemas = spoiled["components"]["schemas"]
    found = [
        each for name in schemas for each in unlike(schemas[name], REAL["components"]["schemas"][name], name, spoiled)
    ]
    assert found != []


def test_a_record_validates_against_the_interface() -> None:
    draft = small_draft("0193a0c4-6e7a-7b3c-9d2e-001122334455", "kit-7", "3519024107260001", 3)
    told = json.loads(read_container(write_container(draft)).entries["enrollment.json"])
    enrollment_schema(REAL).validate(told)
    told["biometricData"][0]["nfiq"] = 1
    assert not enrollment_schema(REAL).is_valid(told)


def test_a_server_of_the_interface_takes_a_record_once() -> None:
    held: dict[str, Any] = {}

    def create(_names: Mapping[str, str], _query: object, body: Any) -> Said:
        said = 409 if held else 204
        held.update({} if held else {**body, "enrollmentId": "r-1", "status": "IN_PROGRESS"})
        return said, None

    def finalize(_names: Mapping[str, str], _query: object, _body: object) -> Said:
        held["status"] = "FINALIZED"
        return 204, None

    handlers = {
        "createEnrollment": create,
        "readEnrollment": lambda *_: (200, held),
        "finalizeEnrollment": finalize,
    }
    with serving(OsiaServer(REAL, handlers)) as server:
        adapter = OsiaEnrollment(OsiaClient(server.url, Access(), lambda _: None), "Pusat")
        outcomes = [adapter.hand_over([hand_over("r-1", is_again)]) for is_again in (False, True)]
        adapter.close()
    assert outcomes == [[Outcome(OnwardState.ACKNOWLEDGED)]] * 2
    assert (server.broken, held["status"]) == ([], "FINALIZED")
