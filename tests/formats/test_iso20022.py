"""pacs.008 and pain.001 by local name."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_fixtures import codes, numbers, party, read, records, write

from sito.errors import RecordError
from sito.records import Role

TRANSACTION = """<CdtTrfTxInf><PmtId><InstrId>I1</InstrId><EndToEndId>NOTPROVIDED</EndToEndId><TxId>T{n}</TxId></PmtId>
<IntrBkSttlmAmt Ccy="RUB">1500.50</IntrBkSttlmAmt><IntrBkSttlmDt>2026-03-05</IntrBkSttlmDt>
<UltmtDbtr><Nm>Васильков Иван</Nm></UltmtDbtr>
<Dbtr><Nm>Лопухов Пётр Ильич</Nm><PstlAdr><Ctry>RU</Ctry><AdrLine>Тверь</AdrLine></PstlAdr><Id><PrvtId>
<DtAndPlcOfBirth><BirthDt>1980-05-17</BirthDt><CityOfBirth>Тверь</CityOfBirth></DtAndPlcOfBirth>
<Othr><Id>770000000016</Id><SchmeNm><Cd>TXID</Cd></SchmeNm></Othr></PrvtId></Id></Dbtr>
<DbtrAcct><Id><Othr><Id>40817810500000000002</Id></Othr></Id></DbtrAcct>
<DbtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>RUCBC</Cd></ClrSysId><MmbId>044525225</MmbId></ClrSysMmbId>
</FinInstnId></DbtrAgt>
<IntrmyAgt1><FinInstnId><BICFI>TESTDEFF</BICFI><Nm>Middle Bank</Nm></FinInstnId></IntrmyAgt1>
<CdtrAgt><FinInstnId><BICFI>TESTRUMM</BICFI></FinInstnId></CdtrAgt>
<Cdtr><Nm>ООО "Ромашка"</Nm><Id><OrgId><Othr><Id>7700000016</Id><SchmeNm><Cd>TXID</Cd></SchmeNm></Othr>
</OrgId></Id></Cdtr>
<CdtrAcct><Id><IBAN>DE00500105170000000000</IBAN></Id></CdtrAcct><UltmtCdtr><Nm>Колокольчик</Nm></UltmtCdtr>
<RmtInf><Ustrd>Оплата</Ustrd><Ustrd>по счёту</Ustrd><Strd><RfrdDocInf><Nb>77</Nb></RfrdDocInf>
<AddtlRmtInf>за цветы</AddtlRmtInf></Strd></RmtInf>
</CdtTrfTxInf>"""


def pacs(*transactions: str, version: str = "08", count: int | None = None) -> str:
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.{version}"><FIToFICstmrCdtTrf>'
        "<GrpHdr><MsgId>M</MsgId>"
        f"<NbOfTxs>{len(transactions) if count is None else count}</NbOfTxs>"
        "<InstgAgt><FinInstnId><BICFI>TESTFRPP</BICFI></FinInstnId></InstgAgt></GrpHdr>"
        f"{''.join(transactions)}</FIToFICstmrCdtTrf></Document>"
    )


PAIN = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
<CstmrCdtTrfInitn><GrpHdr><NbOfTxs>2</NbOfTxs>
<InitgPty><Nm>Сад и огород</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>B1</PmtInfId><ReqdExctnDt>
<Dt>2026-03-06</Dt></ReqdExctnDt>
<Dbtr><Nm>ООО "Ромашка"</Nm></Dbtr><DbtrAcct><Id><Othr><Id>40702810500000000001</Id></Othr></Id></DbtrAcct>
<CdtTrfTxInf><PmtId><EndToEndId>E1</EndToEndId></PmtId><Amt><InstdAmt Ccy="RUB">10</InstdAmt></Amt><Cdtr>
<Nm>Один</Nm></Cdtr></CdtTrfTxInf>
<CdtTrfTxInf><PmtId><EndToEndId>E2</EndToEndId></PmtId><Amt><InstdAmt Ccy="RUB">20</InstdAmt></Amt><Cdtr>
<Nm>Два</Nm></Cdtr></CdtTrfTxInf>
</PmtInf></CstmrCdtTrfInitn></Document>"""


def test_all_parties_of_pacs_are_read(tmp_path: Path) -> None:
    (record,) = records(read(write(tmp_path, pacs(TRANSACTION.format(n=1)))))
    assert (record.record_id, record.amount, record.currency, record.date) == ("T1", "1500.50", "RUB", "2026-03-05")
    assert {item.role: item.name for item in record.parties} == {
        Role.ULTIMATE_DEBTOR: "Васильков Иван",
        Role.DEBTOR: "Лопухов Пётр Ильич",
        Role.CREDITOR: 'ООО "Ромашка"',
        Role.ULTIMATE_CREDITOR: "Колокольчик",
        Role.INSTRUCTING_AGENT: "TESTFRPP",
        Role.INTERMEDIARY_AGENT: "Middle Bank",
        Role.CREDITOR_AGENT: "TESTRUMM",
        Role.PURPOSE: "Оплата по счёту 77 за цветы",
    }
    debtor = party(record, Role.DEBTOR)
    assert (debtor.birth_date, debtor.country, debtor.address) == ("1980-05-17", "RU", "Тверь")
    assert numbers(debtor) == {"inn": "770000000016", "account": "40817810500000000002", "bic": "044525225"}
    assert numbers(party(record, Role.CREDITOR)) == {"inn": "7700000016", "account": "DE00500105170000000000"}


@pytest.mark.parametrize("version", ["02", "07", "08", "12"])
def test_version_does_not_matter(tmp_path: Path, version: str) -> None:
    assert len(records(read(write(tmp_path, pacs(TRANSACTION.format(n=1), version=version))))) == 1


@pytest.mark.parametrize(
    "wrapper",
    ["<message><AppHdr xmlns='urn:h'><BizMsgIdr>1</BizMsgIdr></AppHdr>{}</message>", "<BizMsg>{}</BizMsg>"],
)
def test_envelope_is_passed_over(tmp_path: Path, wrapper: str) -> None:
    text = wrapper.format(pacs(TRANSACTION.format(n=1), TRANSACTION.format(n=2)))
    assert [item.record_id for item in records(read(write(tmp_path, text)))] == ["T1", "T2"]


def test_pain_takes_the_payer_from_the_payment_information(tmp_path: Path) -> None:
    first, second = records(read(write(tmp_path, PAIN)))
    assert [first.record_id, second.record_id] == ["E1", "E2"]
    assert second.text(Role.DEBTOR) == 'ООО "Ромашка"'
    assert second.text(Role.CREDITOR) == "Два"
    assert second.text(Role.INITIATING_PARTY) == "Сад и огород"
    assert (second.amount, second.date) == ("20", "2026-03-06")
    assert numbers(party(second, Role.DEBTOR)) == {"account": "40702810500000000001"}


def test_bad_transaction_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = TRANSACTION.format(n=2).replace("1500.50", "much")
    empty = "<CdtTrfTxInf><PmtId><EndToEndId>E</EndToEndId></PmtId></CdtTrfTxInf>"
    text = pacs(TRANSACTION.format(n=1), bad, empty, TRANSACTION.format(n=3)).replace("TESTFRPP", "1")
    assert codes(read(write(tmp_path, text))) == ["ok", "REC207", "REC205", "ok"]


def test_declared_count_is_checked(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, pacs(TRANSACTION.format(n=1), count=2)))) == ["ok", "REC305"]


def test_message_without_transactions_is_reported(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, pacs()))) == ["REC305"]


def test_many_transactions_are_streamed(tmp_path: Path) -> None:
    text = pacs(*(TRANSACTION.format(n=i) for i in range(400)))
    assert len(records(read(write(tmp_path, text)))) == 400


def test_name_with_elements_inside_is_a_reject(tmp_path: Path) -> None:
    content = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf><CdtTrfTxInf>'
        "<Dbtr><Nm>Ivan <b/>Petrov</Nm></Dbtr><Cdtr><Nm>B</Nm></Cdtr></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"
    )
    assert codes(read(write(tmp_path, content)))[0] == "REC300"


def test_utf8_that_declares_a_code_page_is_refused(tmp_path: Path) -> None:
    content = (
        '<?xml version="1.0" encoding="windows-1251"?><Document><FIToFICstmrCdtTrf><CdtTrfTxInf>'
        "<Dbtr><Nm>Лопухов</Nm></Dbtr></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"
    )
    with pytest.raises(RecordError, match="REC116"):
        read(write(tmp_path, content))
    assert "REC116" not in codes(read(write(tmp_path, content, encoding="cp1251")))
