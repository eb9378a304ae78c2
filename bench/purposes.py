"""Purpose texts: thousands of templates out of clauses, with fresh numbers, dates and goods in each payment."""

from __future__ import annotations

from random import Random

from bench.names import Party, Population, Ranked, written

OPENINGS = (
    """
Оплата за|Опл. за|Оплата|Предоплата за|Аванс за|Доплата за|Частичная оплата за|Окончательный расчет за|Перечисление за
Перевод средств за|Возмещение расходов:|Оплата по счету за|За|Платеж за|Расчеты за|Погашение задолженности за|Опл
Поступление за|Оплата услуг:|Оплата товара:|Оплата работ:|Возврат ошибочно перечисленных средств за|Взнос за|Абон. плата за
Аренда:|Оплата аренды,|Компенсация за|Пополнение счета за|Комиссия за|Гарантийный платеж за|Оплата пени за|Штраф за
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
GOODS = (
    """
строительные материалы|бетон|арматуру|пиломатериалы|металлопрокат|трубы стальные|кабель|электротовары|автозапчасти|шины
ГСМ|дизельное топливо|бензин АИ-95|масло моторное|мебель офисную|канцтовары|бумагу|картриджи|компьютеры|комплектующие
оборудование|станок токарный|насосы|клапаны|подшипники|инструмент|спецодежду|средства защиты|хозтовары|моющие средства
продукты питания|мясо птицы|молочную продукцию|муку|сахар|овощи|фрукты|рыбу мороженую|корма|семена|удобрения|зерно
лекарственные средства|медицинские изделия|реактивы|косметику|одежду|обувь|ткани|игрушки|книги|учебники|посуду
сантехнику|окна ПВХ|двери|краску|плитку|кирпич|щебень|песок|цемент|утеплитель|кровлю|профнастил|крепеж|сварочные электроды
транспортные услуги|перевозку груза|экспедирование|аренду помещения|аренду спецтехники|коммунальные услуги|электроэнергию
теплоснабжение|водоснабжение|вывоз мусора|охрану объекта|уборку|ремонт помещения|монтаж|проектные работы|юридические услуги
бухгалтерские услуги|аудит|рекламу|размещение баннера|разработку сайта|программное обеспечение|лицензию|услуги связи|интернет
обучение|питание детей|детский сад|занятия|лечение|стоматологические услуги|путевку|авиабилеты|гостиницу|страхование|оценку
ремонт автомобиля|техническое обслуживание|поверку приборов|экспертизу|печать|доставку|хранение|погрузку|геодезию|озеленение
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
BASES = (
    """
по договору № {contract} от {date}|по дог. {contract} от {date}|дог.№{contract} от {date}|согл. сч. {invoice} от {date}
по счету № {invoice} от {date}|сч.{invoice} от {date}г.|счет на оплату №{invoice} от {date} г.|по сч-ф {invoice} от {date}
согласно счету-фактуре {invoice}|по УПД № {invoice} от {date}|УПД {invoice}|по накладной {invoice} от {date}
ТН {invoice} от {date}|по акту № {invoice} от {date}|акт вып. работ {invoice} от {date}|по спецификации {number} к дог. {contract}
по контракту {contract} от {date}|гос.контракт {contract}|муниципальный контракт № {contract} от {date}|по заявке {number}
заказ {number}|по заказу №{number} от {date}|по соглашению {contract} от {date}|доп. согл. {number} к договору {contract}
договор аренды {contract} от {date}|договор поставки № {contract} от {date}|дог. оказания услуг {contract}|л/с {account}
лицевой счет {account}|по исполнительному листу {contract} от {date}|квитанция {number}|без договора, счет {invoice}
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
EXTRAS = """
|за {month} {year} г.|за {month} {year}|период {month} {year}|ул. {street}, д. {house}|адрес: {street} {house}, кв. {flat}
марка {model}|модель {model} {number}|объект {street}|{model}, {count} шт.|{count} шт|рейс {number}|а/м {plate}|вагон {account}
за {name}|ответственный {name}|по доверенности {name}|для {name}|получатель {name}|в пользу {company}|за {company}
|за {month} {year} г.|за {month} {year}|{count} шт|заявка {number}|за {month}|{model}|партия {number}
""".replace("\n", "|").split("|")
TAXES = (
    """
НДС не облагается|Без НДС|Без налога (НДС)|В т.ч. НДС 20% - {amount}|в том числе НДС 20 % {amount} руб.|НДС 20% {amount}
Сумма {amount} руб. НДС не облагается|Сумма {amount} В т.ч. НДС (20%) {tax}|в т.ч. НДС 10% {tax}|НДС(20%) {tax}-00
НДС нет|в.т.ч. НДС {tax}||Сумма {amount}|НДС не предусм.|без НДС (УСН)|в т.ч. НДС 22% {tax}
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
ENGLISH_OPENINGS = """
PAYMENT FOR|PAYMENT UNDER|INVOICE FOR|ADVANCE FOR|PREPAYMENT FOR|FINAL PAYMENT FOR|TRANSFER FOR|SETTLEMENT OF|FEES FOR|BALANCE FOR
""".strip().split("|")
ENGLISH_GOODS = (
    """
SPARE PARTS|STEEL PIPES|ELECTRONIC COMPONENTS|SOFTWARE LICENCE|CONSULTING SERVICES|FREIGHT|SEA FREIGHT|CONTAINER RENT|TEXTILES
FOOTWEAR|FURNITURE|WHEAT|SUNFLOWER OIL|FROZEN FISH|FERTILIZERS|TIMBER|PLYWOOD|COAL|MACHINERY|PUMPS|VALVES|CABLES|MEDICAL EQUIPMENT
CHEMICALS|PLASTICS|PAPER|TYRES|CAR PARTS|TOYS|GARMENTS|FRUIT|COFFEE|TEA|HOTEL SERVICES|TRAINING|MARKETING|CERTIFICATION|INSPECTION
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
ENGLISH_BASES = (
    """
CONTRACT {contract} DD {date}|CONTR {contract} DTD {date}|INV {invoice} DD {date}|INVOICE NO {invoice} OF {date}|PROFORMA {invoice}
PI {invoice} DATED {date}|PO {number}|ORDER {number} DD {date}|AGREEMENT {contract}|SPEC {number} TO CONTRACT {contract}|BL {model}{number}
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
ENGLISH_EXTRAS = "|QTY {count}|MODEL {model}|VESSEL {vessel}|ATTN {name}|FOR {company}|{month}|LOT {number}".split("|")
MONTHS = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()
HABITS = ("plain", "plain", "plain", "upper", "lower", "glued", "spaced", "plain", "upper", "reversed")

OPENING, BASIS, EXTRA, TAX = (Ranked(range(len(texts)), 0.7, 4) for texts in (OPENINGS, BASES, EXTRAS, TAXES))
GOOD = Ranked(GOODS, 0.6, 6)


class PurposeWriter:
    """Writes purpose texts and remembers which templates were used.

    Attributes:
        templates: Different templates so far; a template is the choice of clauses and habit, without what fills it.
    """

    def __init__(self, population: Population) -> None:
        self._population = population
        models = population.latin_surnames.items[20_000:70_000]
        self._models = Ranked(models, 0.7, 50)
        self._streets = Ranked(population.surnames.items[:30_000], 0.9, 10)
        self.templates: set[tuple[object, ...]] = set()

    def write(self, random: Random, mention: str = "") -> str:
        """Write one purpose of about 128 characters; `mention` is a clause about somebody, put in at some place."""
        if random.random() < 0.15:
            return self._english(random, mention)
        opening, basis, extra, tax = (ranked.draw(random) for ranked in (OPENING, BASIS, EXTRA, TAX))
        habit = HABITS[int(random.random() * len(HABITS))]
        second, third = (EXTRA.draw(random) if random.random() < share else 0 for share in (0.75, 0.5))
        goods = GOOD.draw(random)
        count = 1
        while random.random() < 0.45 and count < 4:
            goods += ", " + GOOD.draw(random)
            count += 1
        clauses = [
            f"{OPENINGS[opening]} {goods}",
            BASES[basis],
            EXTRAS[extra],
            EXTRAS[second],
            EXTRAS[third],
            TAXES[tax],
        ]
        self.templates.add((opening, count, basis, extra, second, third, tax, habit))
        return self._filled(random, [clause for clause in clauses if clause], mention, habit)

    def _english(self, random: Random, mention: str) -> str:
        lists = (ENGLISH_OPENINGS, ENGLISH_GOODS, ENGLISH_BASES, ENGLISH_EXTRAS, ENGLISH_EXTRAS)
        opening, goods, basis, extra, second = (items[int(random.random() * len(items))] for items in lists)
        clauses = [f"{opening} {goods}", basis, extra, second]
        if random.random() < 0.4:
            clauses.insert(0, "{{VO" + str(10_000 + 10 * int(random.random() * 9_000)) + "}}")
        self.templates.add((opening, basis, extra, second, len(clauses)))
        return self._filled(random, [clause for clause in clauses if clause], mention, "upper")

    def _filled(self, random: Random, clauses: list[str], mention: str, habit: str) -> str:
        if habit == "reversed" and len(clauses) > 2:
            clauses[0], clauses[1] = clauses[1], clauses[0]
        if mention:
            clauses.insert(1 + int(random.random() * len(clauses)), mention.replace("{", "{{").replace("}", "}}"))
        text = (", " if habit != "spaced" else "  ").join(clauses) if random.random() < 0.5 else " ".join(clauses)
        text = text.format_map(_Values(self, random))
        if habit == "upper":
            return text.upper()
        if habit == "lower":
            return text.lower()
        return text.replace(", ", ",").replace(". ", ".") if habit == "glued" else text

    def value(self, name: str, random: Random) -> str:
        """Return a fresh value of one placeholder."""
        number = random.random()
        if name == "date":
            day, month, year = int(number * 28) + 1, int(random.random() * 12) + 1, 2022 + int(random.random() * 4)
            return f"{day:02}.{month:02}.{year}" if random.random() < 0.8 else f"{day:02}.{month:02}.{year % 100}"
        if name == "contract":
            letters = "АБВГДЕКМНПРСТ"
            prefix = letters[int(random.random() * 13)] + letters[int(random.random() * 13)]
            return (f"{int(number * 9_999)}/{prefix}-{int(random.random() * 99)}", f"{int(number * 99_999)}",
                    f"{prefix}{int(number * 9_999_999)}")[int(random.random() * 3)]  # fmt: skip
        if name in _DIGITS:
            return str(int(number * _DIGITS[name]) + 1)
        if name in {"amount", "tax"}:
            return f"{number**3 * 900_000:.2f}" if random.random() < 0.7 else f"{number**3 * 900_000:.0f}-00"
        if name == "month":
            return MONTHS[int(number * 12)]
        if name == "plate":
            return f"{'АВЕКМНОРСТУХ'[int(number * 12)]}{int(random.random() * 999):03}{'АВЕКМНОРСТУХ'[int(random.random() * 12)]}М"
        if name == "model":
            return f"{self._models.draw(random)[: 3 + int(number * 9)]}-{int(random.random() * 900)}"
        if name == "street":
            street = self._streets.draw(random)
            return street + "а" if street.endswith(("ов", "ев", "ин")) else street
        if name == "vessel":
            return written(self._population.vessel(random))
        if name == "company":
            return written(self._population.company(random, cyrillic=True), random)
        assert name == "name", name
        party: Party = self._population.person(random)
        return written(party, random)


_DIGITS = {
    "invoice": 99_999,
    "number": 9_999_999,
    "account": 9_999_999_999,
    "year": 4,
    "house": 180,
    "flat": 400,
    "count": 500,
}


class _Values(dict[str, str]):
    """Fills placeholders when `str.format_map` meets them."""

    def __init__(self, writer: PurposeWriter, random: Random) -> None:
        super().__init__()
        self._writer, self._random = writer, random

    def __missing__(self, name: str) -> str:
        value = self._writer.value(name, self._random)
        return f"202{value}" if name == "year" else value
