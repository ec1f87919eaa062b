"""The text beside sealed files without keys, for tests that seal nothing: what it states is what was put in."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from fieldkit.domain.delivery import SealedRecord
from fieldkit.domain.errors import VaultError
from fieldkit.ports.delivery import StatedRecord

_RECORD: TypeAdapter[SealedRecord] = TypeAdapter(SealedRecord)


class PlainManifests:
    def text(self, record: SealedRecord) -> str:
        return _RECORD.dump_json(record, ensure_ascii=True).decode()

    def read(self, text: str) -> StatedRecord:
        try:
            return StatedRecord(_RECORD.validate_json(text), None)
        except ValidationError as error:
            raise VaultError("manifest.malformed") from error
