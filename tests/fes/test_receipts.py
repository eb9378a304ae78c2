"""Receipts of every format that was seen; what says neither yes nor no is told so, and nothing hostile gets further."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sito.errors import FesError
from sito.fes.receipts import Outcome, Receipt, ReceiptFormat, read_receipt

NUMBER, OTHER = "2026_3349_0000_03_00000001", "2026_3349_0000_03_00000002"
FILE = "FM03_1_7703047975770301001_20260302_0300000001.xml"
KVIT = f"""<?xml version="1.0" encoding="{{encoding}}"?><KVIT><IDNOR>7</IDNOR><ES>{FILE}</ES><SIZE_ES>100</SIZE_ES>
<DATE_ES>02/03/2026</DATE_ES><RECNO_ES><nRec>2</nRec>
<ES_REC><IdInfoOR>{NUMBER}</IdInfoOR><REZ_ES>{{first}}</REZ_ES></ES_REC>
<ES_REC><IdInfoOR>{OTHER}</IdInfoOR><REZ_ES>{{second}}</REZ_ES></ES_REC></RECNO_ES><DATE_KVIT>03/03/2026</DATE_KVIT>
<TIME_KVIT>10:11:12</TIME_KVIT><OPER>Чертополохов</OPER><TEL_OPER>1</TEL_OPER></KVIT>"""
TU = """<?xml version="1.0" encoding="windows-1251"?><KVIT_TU>
<TU>4525</TU><ARJ_TU>{name}</ARJ_TU><SIZE_ARJ_TU>1</SIZE_ARJ_TU><DATE_ARJ_TU>02/03/2026</DATE_ARJ_TU>
<KOD_ERR>{code}</KOD_ERR><NAM_ERR>Неверная подпись</NAM_ERR>
<DATE_KVIT>03/03/2026</DATE_KVIT>
<TIME_KVIT>10:11:12</TIME_KVIT><OPER>О</OPER><TEL_OPER>1</TEL_OPER></KVIT_TU>"""
NOTICE = f"""Файл {FILE}
ТУ 4525 принято
Код структурного контроля 0
{NUMBER} (1 от 02.03.2026), 1, 0001, Результат контроля 0
{OTHER} (2 от 02.03.2026), 1, 0001, Результат контроля 12
Запись отвергнута: Код 012. Неверный реквизит
"""


def ticket(result: str, more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Квитанция><ИмяФайла>{FILE}</ИмяФайла><Результат>{result}</Результат>'
        f"<НомерЗаписи>{NUMBER}</НомерЗаписи><Дата>2026-03-03</Дата>{more}</Квитанция>"
    ).encode()


def of(receipt: Receipt, number: str = NUMBER) -> Outcome:
    return receipt.outcome_of(file_name=FILE, record_numbers=(number,))


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251"])
def test_the_exchange_of_refusals_tells_of_each_record(encoding: str) -> None:
    receipt = read_receipt(KVIT.format(encoding=encoding, first=0, second=5).encode(encoding), where="fes:1")
    assert (receipt.format, receipt.outcome, receipt.codes) == (ReceiptFormat.KVIT, Outcome.REJECTED, ("5",))
    assert receipt.file_names == (FILE,) and receipt.told_at == "03/03/2026 10:11:12"
    assert of(receipt, OTHER) is Outcome.REJECTED and of(receipt, NUMBER) is Outcome.REJECTED  # the file was
    accepted = read_receipt(KVIT.format(encoding=encoding, first=0, second="00").encode(encoding), where="fes:1")
    assert of(accepted) is Outcome.ACCEPTED
    strange = read_receipt(KVIT.format(encoding=encoding, first=0, second="?").encode(encoding), where="fes:1")
    assert strange.outcome is Outcome.UNKNOWN and of(strange, OTHER) is Outcome.UNKNOWN


def test_a_file_is_accepted_only_if_every_record_that_it_announces_is() -> None:
    def read(body: str) -> Outcome:
        return read_receipt(f"<KVIT><RECNO_ES>{body}</RECNO_ES></KVIT>".encode(), where="fes:1").outcome

    yes, nameless = "<ES_REC><IdInfoOR>1</IdInfoOR><REZ_ES>0</REZ_ES></ES_REC>", "<ES_REC><REZ_ES>5</REZ_ES></ES_REC>"
    assert read(f"<nRec>1</nRec>{yes}") is Outcome.ACCEPTED
    assert read(f"<nRec>2</nRec>{yes}") is Outcome.UNKNOWN
    assert read(f"<nRec>x</nRec>{yes}") is Outcome.UNKNOWN
    assert read(yes + nameless) is Outcome.REJECTED
    assert read(yes * 10_001 + nameless) is Outcome.REJECTED


def test_a_branch_says_no_by_its_code() -> None:
    receipt = read_receipt(TU.format(name="C:\\out\\" + FILE, code="13").encode("cp1251"), where="fes:1")
    assert (receipt.format, of(receipt), receipt.codes) == (ReceiptFormat.TU, Outcome.REJECTED, ("13",))
    assert receipt.words == ("Неверная подпись",) and receipt.file_names == (FILE,)
    about_another = read_receipt(TU.format(name="other.xml", code="13").encode("cp1251"), where="fes:1")
    assert of(about_another) is Outcome.UNKNOWN and not about_another.is_about(file_name=FILE)


@pytest.mark.parametrize("encoding", ["cp866", "windows-1251", "utf-8"])
def test_the_old_transport_writes_a_text(encoding: str) -> None:
    receipt = read_receipt(NOTICE.encode(encoding), where="fes:1")
    assert (receipt.format, receipt.outcome, receipt.codes) == (ReceiptFormat.NOTICE_321P, Outcome.REJECTED, ("012",))
    assert dict(receipt.records) == {NUMBER: Outcome.ACCEPTED, OTHER: Outcome.REJECTED}
    assert receipt.is_about(file_name="x", record_numbers=(NUMBER,)) and FILE in receipt.file_names


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ("Принято", Outcome.ACCEPTED), ("ОТВЕРГНУТО", Outcome.REJECTED), ("не принято", Outcome.REJECTED),
        ("Проверка ФЛК", Outcome.UNKNOWN), ("принято частично", Outcome.UNKNOWN), ("", Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_a_ticket_says_what_is_known_of_its_words_and_else_nothing(result: str, outcome: Outcome) -> None:
    receipt = read_receipt(ticket(result), where="fes:1")
    assert (receipt.format, receipt.outcome, of(receipt)) == (ReceiptFormat.TICKET, outcome, outcome)


def test_a_ticket_that_says_yes_and_something_else_says_nothing() -> None:
    assert read_receipt(ticket("принято", "<Статус>Ждёт</Статус>"), where="x").outcome is Outcome.UNKNOWN
    assert read_receipt(ticket("принято", "<Статус>отвергнуто</Статус>"), where="x").outcome is Outcome.REJECTED
    codes = read_receipt(
        ticket("отвергнуто", "<КодОшибки>E-1</КодОшибки><КодОшибки>Иванов Иван</КодОшибки>"), where="x"
    )
    assert codes.codes == ("E-1",)  # a name is no code
    other = read_receipt(
        ticket("принято").replace(FILE.encode(), b"other.xml").replace(NUMBER.encode(), b"1"), where="x"
    )
    assert of(other) is Outcome.UNKNOWN


def zipped(*parts: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts:
            packed.writestr(name, data)
    return out.getvalue()


def test_a_receipt_may_be_packed() -> None:
    assert of(read_receipt(zipped(("квитанция.xml", ticket("принято"))), where="x")) is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FES202"), (b"  \r\n\x00", "FES202"), (b"<!DOCTYPE html><html><body>502</body></html>", "FES202"),
        (b"\xef\xbb\xbf<HTML>", "FES202"), (b"x" * ((4 << 20) + 1), "FES201"), (b"PK\x03\x04broken", "FES201"),
        (zipped(("a", b"1"), ("b", b"2")), "FES201"), (zipped(("a", b"0" * (5 << 20))), "FES201"),
    ],
)  # fmt: skip
def test_what_is_no_receipt_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FesError, match=code):
        read_receipt(data, where="fes:1")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "принято"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY e SYSTEM "file:///etc/passwd">]>'
    "<Квитанция><Результат>&c;&e;</Результат></Квитанция>"
).encode()


@pytest.mark.parametrize(
    "data",
    [
        BOMB, b"<a", b"<a>" * 100_000, b"<a>" * 200 + b"</a>" * 200, b"\xff\xfe<\x00a\x00", b"just words",
        b"\x80\x81" * 50, b'<?xml version="1.0" encoding="klingon"?><a/>',
        b'<?xml version="1.0" encoding="utf-16"?><a/>',
    ],
)  # fmt: skip
def test_what_is_hostile_or_broken_says_nothing(data: bytes) -> None:
    receipt = read_receipt(data, where="fes:1")
    assert (receipt.outcome, receipt.file_names, receipt.codes) == (Outcome.UNKNOWN, (), ())


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"<a><b>{text}".encode("utf-8", "replace"))
    )
)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        assert read_receipt(data, where="x").outcome in Outcome
    except FesError as error:
        assert error.code in {"FES201", "FES202"}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_cut_or_changed_receipt_breaks_nothing(data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from([ticket("принято"), NOTICE.encode("cp866"), TU.format(name=FILE, code=0).encode("cp1251")])
    )
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + data.draw(st.integers(0, 2)) :]
    try:
        read_receipt(changed, where="x")
        read_receipt(whole[:at], where="x")
    except FesError as error:
        assert error.code in {"FES201", "FES202"}


def test_the_page_of_words_is_shipped() -> None:
    from sito.fes.receipts import words

    known = words()
    assert known.certainty == "K" and not set(known.accepted) & set(known.rejected)
    assert all(word == word.casefold() for word in (*known.accepted, *known.rejected))


def test_a_receipt_of_other_records_alone_says_nothing() -> None:
    receipt = read_receipt(f"<Квитанция><НомерЗаписи>{OTHER}</НомерЗаписи><Результат>принято</Результат></Квитанция>"
                           .encode(), where="fes:1")  # fmt: skip
    assert receipt.outcome_of(file_name=FILE, record_numbers=(OTHER,)) is Outcome.ACCEPTED
    assert receipt.outcome_of(file_name=FILE, record_numbers=(NUMBER,)) is Outcome.UNKNOWN
    assert receipt.outcome_of(file_name=FILE, record_numbers=()) is Outcome.UNKNOWN
