from __future__ import annotations

import base64
from xml.etree import ElementTree

from support.altered import Genuine

from fieldkit.formats.cbeff import NAMESPACE, cbeff_file
from fieldkit.formats.container import read_container


def test_each_image_record_is_a_bir_with_its_format_and_score(genuine: Genuine) -> None:
    record = read_container(genuine.content)
    root = ElementTree.fromstring(cbeff_file(record))
    assert root.tag == f"{{{NAMESPACE}}}BIR"
    space = {"c": NAMESPACE}
    birs = root.findall("c:BIR", space)
    assert len(birs) == 12  # nine fingers, two eyes, the portrait
    told = {}
    for bir in birs:
        kind, sub = bir.findtext("c:BDBInfo/c:Type", "", space), bir.findtext("c:BDBInfo/c:Subtype", "", space)
        owner = bir.findtext("c:BDBInfo/c:Format/c:Organization", "", space)
        number = bir.findtext("c:BDBInfo/c:Format/c:Type", "", space)
        told[kind, sub] = (owner, number, bir.findtext("c:BDBInfo/c:Quality/c:Score", "", space))
        if sub == "Left IndexFinger":
            assert base64.b64decode(bir.findtext("c:BDB", "", space)) == record.entries["samples/LEFT_INDEX.fir"]
            assert [part.tag.partition("}")[2] for part in bir][-4:] == ["BDBInfo", "SBInfo", "BDB", "SB"]
            assert bir.findtext("c:SBInfo/c:Format/c:Type", "", space) == "jws"
            assert base64.b64decode(bir.findtext("c:SB", "", space)) == record.entries["samples/LEFT_INDEX.jws"]
    assert told["Finger", "Right Thumb"] == ("257", "7", "80")
    assert told["Iris", "Left"] == ("257", "9", "80")
    assert told["Face", ""] == ("257", "8", "80")
    assert ("Finger", "Left RingFinger") not in told
    signed = {base64.b64decode(each.text or "") for each in root.findall("c:BIR/c:SB", space)}
    assert signed == {content for name, content in record.entries.items() if name.endswith(".jws")}
