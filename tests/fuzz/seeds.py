"""Small invented files, one or two for each format: where mutation starts.

A seed carries only a file name; which reader it belongs to is what the readers themselves say. Files under
tests/ that a reader recognises are seeds too.
"""

from __future__ import annotations

import json
import struct

_FTM = {
    "id": "Q-1",
    "caption": "Ivan Primer",
    "schema": "Person",
    "properties": {
        "name": ["Ivan Primer"],
        "alias": ["Иван Пример"],
        "birthDate": ["1970-01-01"],
        "innCode": ["770000000000"],
        "topics": ["sanction"],
    },
    "datasets": ["invented"],
    "target": True,
    "first_seen": "2024-01-01",
    "last_seen": "2024-01-02",
    "last_change": "2024-01-01",
}

SUBJECT = (
    "<Субъект><ИдСубъекта>7</ИдСубъекта><ТипСубъекта><Идентификатор>2</Идентификатор><Наименование>ФЛ</Наименование>"
    "</ТипСубъекта><ФЛ><ФИО>ПРИМЕРОВ ПРИМЕР ПРИМЕРОВИЧ</ФИО><Фамилия>ПРИМЕРОВ</Фамилия><Имя>ПРИМЕР</Имя>"
    "<ДатаРождения>1970-01-01</ДатаРождения><МестоРождения>Г. ПРИМЕРСК</МестоРождения><СписокДрНаименований>"
    "<ДрНаименование><ФИО>ПРИМЁРОВ ПРИМЕР</ФИО></ДрНаименование></СписокДрНаименований></ФЛ>"
    "<РешениеПоСубъекту>заморозить</РешениеПоСубъекту>"
    "<История><ДатаВключения>2020-02-03</ДатаВключения></История></Субъект>"
)

_COLUMNS = (("NUMBER", "C", 8), ("TERROR", "C", 1), ("TU", "C", 1), ("NAMEU", "C", 40), ("GR", "D", 8), ("MR", "C", 30))


def _dbf(*rows: tuple[str, ...]) -> bytes:
    """Write a dBASE III table in cp866."""
    size = 1 + sum(width for _, _, width in _COLUMNS)
    data = struct.pack("<4BIHH17xB2x", 3, 124, 5, 2, len(rows), 33 + 32 * len(_COLUMNS), size, 0x65)
    for name, kind, width in _COLUMNS:
        data += struct.pack("<11sc4xB15x", name.encode(), kind.encode(), width)
    data += b"\r"
    for row in rows:
        data += b" " + b"".join(
            text.encode("cp866").ljust(width)[:width] for text, (_, _, width) in zip(row, _COLUMNS, strict=True)
        )
    return data + b"\x1a"


def _table(rows: list[dict[str, str]], *, delimiter: str, before: str = "") -> bytes:
    """Write rows with named columns, the columns in the order of their first row."""
    lines = [delimiter.join(rows[0])]
    lines += [delimiter.join(f'"{row.get(name, "")}"' for name in rows[0]) for row in rows]
    return (before + "\r\n".join(lines) + "\r\n").encode()


_UK = {
    "Last Updated": "01/02/2026",
    "Unique ID": "ABC0001",
    "OFSI Group ID": "1",
    "UN Reference Number": "QDi.001",
    "Name 6": "PRIMER",
    "Name 1": "IVAN",
    "Name type": "Primary Name",
    "Alias strength": "",
    "Name non-latin script": "Иван Пример",
    "Regime Name": "Invented",
    "Designation Type": "Individual",
    "Date Designated": "01/01/2020",
    "D.O.B": "dd/mm/1970",
    "Nationality(/ies)": "Nowhere",
    "Passport number": "(1) 000001 (2) 000002",
}
_CONLIST = {
    "Name 6": "PRIMER",
    "Name 1": "IVAN",
    "DOB": "00/00/1970",
    "Other Information": "(UN Ref):QDi.001",
    "Group Type": "Individual",
    "Alias Type": "Primary name",
    "Alias Quality": "Good quality",
    "Regime": "Invented",
    "Listed On": "01/01/2020",
    "Last Updated": "01/01/2021",
    "Group ID": "7",
}
_EU = {
    "fileGenerationDate": "2024-05-02",
    "Entity_LogicalId": "13",
    "Entity_EU_ReferenceNumber": "EU.1.1",
    "Entity_SubjectType": "person",
    "NameAlias_WholeName": "Ivan Primer",
    "NameAlias_Gender": "M",
    "BirthDate_BirthDate": "1970-01-01",
    "BirthDate_Year": "1970",
    "Identification_Number": "000001",
    "Identification_TypeCode": "passport",
    "Citizenship_CountryIso2Code": "RU",
}

LISTS: tuple[tuple[str, bytes], ...] = (
    (
        "targets.simple.csv",
        b"id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,program_ids,"
        b'dataset,first_seen,last_seen,last_change\n"q-1","Person","Ivan Primer","Primer I;I. Primer","1970-01-01",'
        b'"ru","Primersk","770000000000","","","","","invented","2024-01-01","2024-01-02","2024-01-01"\n',
    ),
    ("entities.ftm.json", (json.dumps(_FTM, ensure_ascii=False) + "\n").encode()),
    (
        "sdn.csv",
        b'36,"PRIMER TRADING COMPANY","-0- ","CUBA","-0- ","-0- ","-0- ","-0- ","-0- ","-0- ","-0- ","-0- "\r\n'
        b'37,"PRIMER, Ivan","individual","SDGT] [IRAN","-0- ","-0- ","-0- ","-0- ","-0- ","-0- ","-0- ",'
        b"\"DOB 01 Jan 1970; POB Primersk; Passport 000001 (Nowhere); a.k.a. 'PRIMEROV'.\"\r\n\x1a",
    ),
    (
        "sdn.xml",
        b'<?xml version="1.0" standalone="yes"?><sdnList xmlns="http://tempuri.org/sdnList.xsd"><publshInformation>'
        b"<Publish_Date>05/02/2024</Publish_Date><Record_Count>1</Record_Count></publshInformation><sdnEntry>"
        b"<uid>37</uid><firstName>Ivan</firstName><lastName>PRIMER</lastName><sdnType>Individual</sdnType><programList>"
        b"<program>SDGT</program></programList><akaList><aka><uid>1</uid><type>a.k.a.</type><category>weak</category>"
        b"<lastName>PRIMEROV</lastName></aka></akaList><dateOfBirthList><dateOfBirthItem><uid>2</uid>"
        b"<dateOfBirth>01 Jan 1970</dateOfBirth><mainEntry>true</mainEntry></dateOfBirthItem></dateOfBirthList>"
        b"</sdnEntry></sdnList>",
    ),
    (
        "consolidated.xml",
        b'<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST dateGenerated="2024-05-02T00:00:00Z"><INDIVIDUALS>'
        b"<INDIVIDUAL><DATAID>1</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>IVAN</FIRST_NAME><SECOND_NAME>PRIMER"
        b"</SECOND_NAME><UN_LIST_TYPE>Al-Qaida</UN_LIST_TYPE><REFERENCE_NUMBER>QDi.001</REFERENCE_NUMBER><LISTED_ON>"
        b"2001-01-01</LISTED_ON><INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>PRIMEROV</ALIAS_NAME>"
        b"</INDIVIDUAL_ALIAS><INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1970</FROM_YEAR>"
        b"<TO_YEAR>1972</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS><ENTITIES/></CONSOLIDATED_LIST>",
    ),
    (
        "te21.xml",
        (
            '<?xml version="1.0" encoding="utf-8"?><Перечень><ВерсияФормата>2.0</ВерсияФормата><ДатаПеречня>2024-05-02'
            "</ДатаПеречня><ДатаПредыдущегоПеречня>2024-05-01</ДатаПредыдущегоПеречня><АктуальныйПеречень>"
            + SUBJECT.replace("</Субъект>", "<Террорист>1</Террорист></Субъект>")
            + "</АктуальныйПеречень></Перечень>"
        ).encode(),
    ),
    (
        "te1.xml",
        (
            '<?xml version="1.0" encoding="windows-1251"?><TERRORISTS_CATALOG ID="1" DATE="02.05.2024" NUM="1ПЭ">'
            "<TERRORISTS><ID>5</ID><NUM>5</NUM><TERRORISTS_NAME><![CDATA[* ПРИМЕРОВ ПРИМЕР]]></TERRORISTS_NAME>"
            "<person_type>4</person_type><birth_date>01.01.1970</birth_date><BIRTH_PLACE>Г. ПРИМЕРСК</BIRTH_PLACE>"
            "</TERRORISTS></TERRORISTS_CATALOG>"
        ).encode("cp1251"),
    ),
    (
        "mvk.xml",
        (
            '<?xml version="1.0" encoding="utf-8"?><СписокРешений><ВерсияФормата>1.0</ВерсияФормата><ДатаСписка>'
            "2024-05-02</ДатаСписка><СписокАктуальныхРешений><Решение><ТипРешения><Идентификатор>1</Идентификатор>"
            "<Наименование>Решение</Наименование></ТипРешения><НомерРешения>1</НомерРешения><ДатаРешения>2024-05-01"
            "</ДатаРешения><Орган>МВК</Орган><ВидРешения><Идентификатор>1</Идентификатор><Наименование>замораживание"
            f"</Наименование></ВидРешения><СписокСубъектов>{SUBJECT}</СписокСубъектов></Решение>"
            "</СписокАктуальныхРешений></СписокРешений>"
        ).encode(),
    ),
    (
        "omu.xml",
        (
            '<?xml version="1.0" encoding="utf-8"?><СписокОМУ><ВерсияФормата>1.0</ВерсияФормата>'
            f"<ДатаСписка>2019-05-02</ДатаСписка><АктуальныйСписок>{SUBJECT}</АктуальныйСписок></СписокОМУ>"
        ).encode(),
    ),
    ("uk.csv", _table([_UK, {**_UK, "Name type": "Alias"}], delimiter=",", before="Report Date: 02-Feb-2026\r\n")),
    (
        "conlist.csv",
        _table([_CONLIST, _CONLIST | {"Alias Type": "AKA"}], delimiter=",", before="Last Updated,2021\n"),
    ),
    ("eu.csv", _table([_EU, {**_EU, "NameAlias_WholeName": "Иван Пример"}], delimiter=";", before="\ufeff")),
    (
        "eu.xml",
        b'<?xml version="1.0" encoding="UTF-8"?><export xmlns="http://eu.europa.ec/fpi/fsd/export" '
        b'generationDate="2024-05-02T00:00:00.000+02:00"><sanctionEntity designationDate="" euReferenceNumber="EU.1.1" '
        b'logicalId="13"><regulation programme="IRQ" numberTitle="1" publicationDate="2003-07-08"/>'
        b'<subjectType code="person" classificationCode="P"/><nameAlias firstName="Ivan" lastName="Primer" '
        b'wholeName="Ivan Primer" gender="M" strong="true" nameLanguage=""/><birthdate circa="false" '
        b'calendarType="GREGORIAN" year="1970" birthdate="1970-01-01" city="Primersk"/>'
        b'<citizenship countryIso2Code="RU"/>'
        b'<identification number="000001" identificationTypeCode="passport" countryIso2Code="RU"/>'
        b"</sanctionEntity></export>",
    ),
    (
        "sema.xml",
        b'<?xml version="1.0" encoding="UTF-8"?><data-set xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><record>'
        b"<Country>Nowhere / Nulle part</Country><LastName>Primer</LastName><GivenName>Ivan</GivenName><DateOfBirth>"
        b"1970-01-01</DateOfBirth><Schedule>1, Part 1</Schedule><Item>1</Item><DateOfListing>2022-02-24</DateOfListing>"
        b"<Aliases>Primerov, Ivan; also known as: Prim</Aliases></record><record><Country>Nowhere</Country><Entity>"
        b"Primer Trading</Entity><Schedule>1</Schedule><Item>2</Item><DateOfListing>2022-02-24</DateOfListing></record>"
        b"</data-set>",
    ),
    (
        "te.dbf",
        _dbf(
            ("5", "1", "3", "ПРИМЕРОВ ПРИМЕР ПРИМЕРОВИЧ*", "19700101", "Г. ПРИМЕРСК"),
            ("6", "1", "1", "ОРГАНИЗАЦИЯ ПРИМЕРНЫХ", "", ""),
            ("6", "1", "1", "ИСПЫТАНИЙ", "", ""),
        ),
    ),
    (
        "page.txt",
        (
            "1. ПРИМЕРОВ ПРИМЕР ПРИМЕРОВИЧ*, (ПРИМЁРОВ ПРИМЕР; ПРИМЕРОВСКИЙ П), 01.01.1970 г.р. , Г. ПРИМЕРСК;\n"
            "2. ПРИМЕРОВА АННА ПРИМЕРОВНА*, 02.01.1971 г.р. , Г. ПРИМЕРСК;\n"
        ).encode(),
    ),
)

RECORDS: tuple[tuple[str, bytes], ...] = (
    (
        "payments.csv",
        'id;debtor_name;creditor_name;purpose;amount;currency;date\n1;ООО "Пример";ИП Примеров П.П.;'
        "Оплата по договору 7, в т.ч. НДС;100.50;RUB;2024-05-02\n".encode("cp1251"),
    ),
    (
        "customers.csv",
        'id,name,birth_date,inn,kind,aliases\n7,Примеров Пример,1970-01-01,770000000000,person,"Pri;ПП"\n'.encode(),
    ),
    (
        "payments.jsonl",
        (
            json.dumps(
                {"id": "1", "debtor_name": "Примеров П", "creditor_name": "ООО Пример", "purpose": "за товар"},
                ensure_ascii=False,
            )
            + "\n"
        ).encode(),
    ),
    (
        "pacs.xml",
        b'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">'
        b"<FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId><CreDtTm>2024-05-02T00:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>"
        b"</GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy='EUR'>10.00"
        b"</IntrBkSttlmAmt><Dbtr><Nm>Ivan Primer</Nm></Dbtr><DbtrAgt><FinInstnId><Nm>Bank</Nm></FinInstnId></DbtrAgt>"
        b"<CdtrAgt><FinInstnId><BICFI>AAAARUMM</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Anna Primer</Nm></Cdtr>"
        b"<UltmtCdtr><Nm>Third</Nm></UltmtCdtr><RmtInf><Ustrd>goods</Ustrd></RmtInf></CdtTrfTxInf></FIToFICstmrCdtTrf>"
        b"</Document>",
    ),
    (
        "mt103.txt",
        b"{1:F01AAAARUMMAXXX0000000000}{2:I103BBBBRUMMXXXXN}{4:\r\n:20:1\r\n:23B:CRED\r\n:32A:240502RUB100,50\r\n"
        b":50K:/40702810000000000000\r\nINN7700000000\r\nOOO PRIMER\r\n:59:/40702810000000000001\r\n"
        b"PRIMEROV 'IVAN'\r\n:70:'OPLATA PO DOGOVORU n7\r\n:71A:SHA\r\n-}",
    ),
    (
        "kl_to_1c.txt",
        (
            "1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\nОтправитель=Пример\r\n"
            "ДатаСоздания=02.05.2024\r\n"
            "СекцияДокумент=Платежное поручение\r\nНомер=7\r\nДата=02.05.2024\r\nСумма=100.50\r\n"
            "Плательщик=ИНН 7700000000 ООО Пример\r\nПлательщикИНН=7700000000\r\nПолучатель=Примеров Пример\r\n"
            "НазначениеПлатежа=За товар\r\nКонецДокумента\r\nКонецФайла\r\n"
        ).encode("cp1251"),
    ),
    (
        "ed103.xml",
        (
            '<?xml version="1.0" encoding="windows-1251"?><ED103 xmlns="urn:cbr-ru:ed:v2.0" EDNo="1" '
            'EDDate="2024-05-02" EDAuthor="4525000000" Sum="10050">'
            '<AccDoc AccDocNo="7" AccDocDate="2024-05-02"/><Payer INN="7700000000">'
            "<Name>ООО Пример</Name></Payer><Payee><Name>Примеров Пример</Name></Payee><Purpose>за товар</Purpose>"
            "</ED103>"
        ).encode("cp1251"),
    ),
)

TEXTS: tuple[bytes, ...] = (
    "ООО «Пример», Иванов-Петров И.И.".encode(),
    "Щербаков Юрий Ёлкин ogly O'Neil Müller".encode(),
    "习近平 محمد Γεώργιος Cидоров 4ернов".encode(),
    b"\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf\xffA\xe2\x80",
    b"a" * 300,
    b"",
)
READINGS: tuple[bytes, ...] = (
    b"Ghbvthjd Bdfy Bdfyjdbx",
    "Зкшьук Шмфт".encode(),
    "П р и м е р о в  И. И.".encode(),
    "ПримеровПримерПримерович".encode(),
    "Гълъбинов Щерю".encode(),
    b"JC Primerov",
    "адвокат Примеров И.И. р/с 40817810000000000001\nООО «Пример» // 101000 г Москва ул Мира д 1".encode(),
)

PAIRS: tuple[bytes, ...] = (
    "Примерова Ивана И.\nПримеров Иван Иванович".encode(),
    "Примеров ЮЯ\nPrimerov Yury Yakovlevich".encode(),
    "оплата ООО «Пример» 17\nООО Пример-17".encode(),
    "Абду Рахман Магомед محمد\nАбдурахман Muhammad".encode(),
    "примеров а\nА Примеров".encode(),
)


def _field(number: int, *parts: bytes | str) -> bytes:
    """Write a length-delimited field of a message, below 128 bytes."""
    data = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return bytes((number << 3 | 2, len(data))) + data


_PAYER = _field(1, b"\x08\x02", _field(2, "ИП Примеров И. И."), _field(5, b"\x08\x01", _field(2, "770000000000")))
_PAYEE = _field(1, b"\x08\x03", _field(2, "ООО Пример"), b"\x18\x02", _field(6, "RU"))
_CUSTOMER = _field(1, _field(2, "Ivan Primer"), _field(4, "1970-01-01"), _field(8, "Primer"), _field(8, "Пример"))
MESSAGES: tuple[bytes, ...] = (
    _field(1, _field(1, "p-1"), _field(2, _PAYER, _field(2, "за товар"))) + _field(3, "r"),
    _field(1, _field(2, _PAYEE, _field(3, "1500.00"), _field(4, "RUB"), _field(5, "2026-01-31"))),
    _field(1, _field(1, "c-1"), _field(3, _CUSTOMER), b"\x23\x09abcdefgh\x24")
    + _field(2, _field(1, "RU-TE"), b"\x30\x02"),
    _field(1, _field(2, _PAYEE), _field(3, _CUSTOMER), _field(3, _CUSTOMER)) * 2,
)
