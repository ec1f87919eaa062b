"""What this program sends to an OSIA Enrollment server and reads from it, described as an OpenAPI document of our own.

Written from interface 1.3.0 of the Secure Identity Alliance, as far as it is used. It is stricter: dates and addresses
have patterns, positions are those of our records, and what a country may fill as it likes must be an object.
`tests/integration/published` compares it with the interface itself where that lies beside the checkout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_OPEN = {"type": "object"}
_ADDRESS = {"type": "string", "format": "uri", "pattern": r"^(urn:uuid:[0-9a-f-]{36}#|https?://)\S+$"}
_MOMENT = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}
_FINGERS = ("THUMB", "INDEX", "MIDDLE", "RING", "LITTLE")


def _object(*required: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*required], "additionalProperties": False, "properties": members}


def _words(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": [*words]}


def _list(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _the(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


SCHEMAS: Mapping[str, Any] = {
    "Error": _object("code", "message", code=_NUMBER, message=_TEXT),
    "Enrollment": _object(
        "enrollmentId",
        "status",
        enrollmentId={**_TEXT, "readOnly": True},
        status={**_words("FINALIZED", "IN_PROGRESS"), "readOnly": True},
        enrollmentType=_TEXT,
        enrollmentFlags=_OPEN,
        requestData=_OPEN,
        contextualData=_OPEN,
        biographicData=_OPEN,
        biometricData=_list(_the("BiometricData")),
        documentData=_list(_the("DocumentData")),
    ),
    "BiometricData": _object(
        "biometricType",
        biometricType=_words("FACE", "FINGER", "IRIS", "SIGNATURE"),
        biometricSubType=_the("BiometricSubType"),
        instance=_TEXT,
        image={**_TEXT, "pattern": "^[A-Za-z0-9+/]+=*$"},
        imageRef=_ADDRESS,
        captureDate=_MOMENT,
        captureDevice=_TEXT,
        impressionType=_words(
            "LIVE_SCAN_PLAIN",
            "LIVE_SCAN_ROLLED",
            "NONLIVE_SCAN_PLAIN",
            "NONLIVE_SCAN_ROLLED",
            "LIVE_SCAN_SWIPE",
            "LIVE_SCAN_OPTICAL_CONTACTLESS_PLAIN",
            "OTHER",
            "UNKNOWN",
        ),
        width=_NUMBER,
        height=_NUMBER,
        bitdepth=_NUMBER,
        mimeType={**_TEXT, "pattern": r"^[a-z]+/[a-z0-9.+_-]+$"},
        resolution=_NUMBER,
        compression=_words("NONE", "WSQ", "JPEG", "JPEG2000", "PNG"),
        missing=_list(_the("MissingType")),
        metadata=_TEXT,
        comment=_TEXT,
        quality=_NUMBER,
        qualityFormat=_words("NFIQ2", "ISO_19794"),
        algorithm=_TEXT,
    ),
    "BiometricSubType": _words(
        "UNKNOWN",
        *(f"{side}_{finger}" for side in ("RIGHT", "LEFT") for finger in _FINGERS),
        "EYE_RIGHT",
        "EYE_LEFT",
        "PORTRAIT",
    ),
    "MissingType": _object(
        biometricSubType=_the("BiometricSubType"), presence=_words("BANDAGED", "AMPUTATED", "DAMAGED")
    ),
    "DocumentData": _object(
        "documentType",
        "parts",
        documentType=_words("OTHER"),
        documentTypeOther=_TEXT,
        parts={**_list(_the("DocumentPart")), "minItems": 1},
    ),
    "DocumentPart": _object(dataRef=_ADDRESS, mimeType=_TEXT),
}


def _asked(name: str, where: str = "query", is_required: bool = False, schema: Any = _TEXT) -> dict[str, Any]:
    return {"name": name, "in": where, "required": is_required, "schema": schema}


_ID, _TRANSACTION = _asked("enrollmentId", "path", True), _asked("transactionId", is_required=True)


def _json(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": _the(schema)}}}


def _answers(*codes: int, **contents: str) -> dict[str, Any]:
    wrong = {"400": _json("Error"), "403": {}, "500": _json("Error")}
    return {
        **wrong,
        **{str(code): {} for code in codes},
        **{code.strip("_"): _json(schema) for code, schema in contents.items()},
    }


INTERFACE: Mapping[str, Any] = {
    "paths": {
        "/v1/enrollments/{enrollmentId}": {
            "post": {
                "operationId": "createEnrollment",
                "parameters": [_ID, _asked("finalize", schema={"type": "boolean"}), _TRANSACTION],
                "requestBody": _json("Enrollment"),
                "responses": _answers(204, 409),
            },
            "get": {
                "operationId": "readEnrollment",
                "parameters": [_ID, _TRANSACTION, _asked("attributes", schema=_list(_TEXT))],
                "responses": _answers(404, _200="Enrollment"),
            },
        },
        "/v1/enrollments/{enrollmentId}/finalize": {
            "put": {
                "operationId": "finalizeEnrollment",
                "parameters": [_ID, _TRANSACTION],
                "responses": _answers(204, 404),
            }
        },
    },
    "components": {"schemas": SCHEMAS},
}


def enrollment_schema(interface: Mapping[str, Any] = INTERFACE) -> Draft202012Validator:
    """Return what tells whether a record is an enrollment of the interface."""
    registry: Registry[Any] = Registry().with_resource("urn:osia", Resource(dict(interface), DRAFT202012))
    return Draft202012Validator({"$ref": "urn:osia#/components/schemas/Enrollment"}, registry=registry)
