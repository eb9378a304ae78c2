"""RU-OMU: the archive list."""

from __future__ import annotations

from sito.entries import Identifier, Kind
from sito.lists import omu
from sito.lists.source import Facts, Source

DATA = """<СписокОМУ><ВерсияФормата>1.0</ВерсияФормата><ДатаСписка>2020-05-02</ДатаСписка>
<ДатаПредыдущегоСписка>2020-05-01</ДатаПредыдущегоСписка><АктуальныйСписок>
<Субъект><ИдСубъекта>1</ИдСубъекта><УНС>XXi.001</УНС><ТипСубъекта><Идентификатор>1</Идентификатор></ТипСубъекта>
<История><ДатаВключения>2019-01-02</ДатаВключения></История><ЮЛ><Наименование>ЗАВОД ПРИМЕРОВ</Наименование></ЮЛ>
<Примечание>Вымышлен</Примечание></Субъект>
<Субъект><ИдСубъекта>2</ИдСубъекта><ФЛ><ФИО>ПРИМЕР ТЕСТОВ</ФИО></ФЛ></Субъект>
</АктуальныйСписок></СписокОМУ>""".encode()


def test_subjects_become_entries():
    facts = Facts()
    entries = list(omu.read(Source("omu.xml", DATA, "", "RU-OMU"), facts))
    assert omu.detect(DATA, "x") == "RU-OMU"
    assert [(entry.entry_id, entry.kind) for entry in entries] == [("1", Kind.ORGANISATION), ("2", Kind.PERSON)]
    assert entries[0].identifiers == (Identifier("other", "XXi.001", note="УНС"),)
    assert (entries[0].listed_on, entries[0].remarks) == (("2019-01-02",), "Вымышлен")
    assert (facts.edition_date, facts.previous_date, facts.warnings) == ("2020-05-02", "2020-05-01", [])
