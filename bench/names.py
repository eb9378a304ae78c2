"""Invented names with the shape and the frequencies of real ones.

Heads of the distributions are common given names, patronymics and surname stems of everyday knowledge; tails are put
together from syllables and suffixes, so that nobody in particular is meant. Ranks follow Zipf-Mandelbrot with the
exponent and offset that fit surnames of large populations: the 250 most frequent cover about a fifth of the people.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate, product
from random import Random
from typing import Generic, NamedTuple, TypeVar

EXPONENT, OFFSET = 0.95, 25.0
SURNAME_COUNT = 200_000  # of each script
BRAND_COUNT = 60_000

T = TypeVar("T")


class Ranked(Generic[T]):
    """Items in order of falling frequency."""

    def __init__(self, items: Sequence[T], exponent: float = EXPONENT, offset: float = OFFSET) -> None:
        self.items = items
        self._sums = list(accumulate((rank + offset) ** -exponent for rank in range(1, len(items) + 1)))
        self._total = self._sums[-1]

    def draw(self, random: Random) -> T:
        """Draw one item."""
        return self.items[min(bisect(self._sums, random.random() * self._total), len(self.items) - 1)]


class Party(NamedTuple):
    """A name in its parts.

    Attributes:
        kind: person, company or vessel.
        script: cyrillic or latin.
        parts: Surname, given name and patronymic of a person; words of the proper name of others.
        form: Legal form of a company, else empty.
        female: Of persons.
    """

    kind: str
    script: str
    parts: tuple[str, ...]
    form: str = ""
    female: bool = False


MALE = """
Александр Сергей Андрей Дмитрий Алексей Владимир Михаил Евгений Николай Иван Максим Юрий Виктор Павел Роман Денис Игорь
Антон Олег Илья Константин Артем Анатолий Кирилл Виталий Валерий Вячеслав Василий Никита Руслан Вадим Егор Станислав
Петр Борис Геннадий Григорий Валентин Даниил Тимур Леонид Эдуард Марат Ренат Рустам Георгий Федор Артур Степан Глеб
Ярослав Семен Ильдар Айрат Матвей Арсений Захар Лев Магомед Ахмед Ислам Рамазан Шамиль Заур Мурад Аслан Умар Юсуп
Тарас Остап Богдан Назар Арсен Тигран Гурген Баир Эльдар Фарид Камиль Ринат Наиль
""".split()
FEMALE = """
Елена Татьяна Наталья Ольга Ирина Светлана Анна Екатерина Мария Марина Юлия Людмила Галина Надежда Анастасия Валентина
Оксана Любовь Дарья Нина Виктория Александра Лариса Евгения Алина Тамара Вера Ксения Алла Полина Кристина Яна Валерия
Лидия Антонина Раиса Диана Зоя Жанна Инна Алена Гульнара Вероника Маргарита Альбина Эльвира Лилия Динара Регина Зарема
Патимат Мадина Аида Асия Римма
""".split()
STEMS = """
Иван Смирн Кузнец Попо Василь Петр Сокол Михайл Новик Федор Мороз Волк Алексее Лебеде Семен Егор Павл Козл Степан
Николае Орл Андрее Макар Никитин Захар Зайце Соловь Борис Яковле Григорь Роман Воробь Сергее Кузьмин Фрол Александр
Дмитрие Корол Гус Киселе Ильин Максим Поляк Сорокин Виноград Ковале Бел Медведе Антон Тарас Жук Баран Филипп Комар
Давыд Беляе Герасим Богдан Осип Сидор Матвее Тит Марк Мирон Крыл Кулик Карп Влас Мельник Денис Гаврил Тихон Казак
Афанась Данил Савель Тимофее Фомин Чернышо Абрам Мартын Ефим Федот Щербак Назар Калинин Исае Черн Быч Кондрать Жил
Шир Блин Маслен Родион Кот Потап Лаврент Горбаче Кудряш Архип Гурь Селезне Панфил Копыл Логино Сафон Капустин Кирил
Моисее Елисее Горшк Трофим Шар Магомед Абдул Гасан Алие Ахмед Исмаил Омар Расул Юсуп Хасан Ибрагим Султан Хамид Рашид
Валит Гарип Хабибуллин Сафиуллин
""".split()
ONSETS = "б в г д ж з к л м н п р с т ф х ц ч ш бр вл гл гр др кл кр пл пр сл см ст тр хл шк зв св ск сп".split()
VOWELS = "а е и о у ы я ю".split()
CODAS = "б в г д ж з к л м н п р с т х ч ш рт лк нк ст рк мп нд рг".split()
SUFFIXES = "ов ев ин ский енко ук юк чук ич ян дзе оев шин ков цев ик ало ец".split()

LATIN_MALE = """
James John Robert Michael William David Richard Thomas Daniel Paul Mark George Peter Hans Karl Stefan Jean Pierre Luc
Marco Luca Jose Juan Carlos Luis Miguel Pedro Manuel Antonio Mohammed Ahmed Ali Hassan Hussein Omar Ibrahim Khalid
Yusuf Abdullah Mustafa Mehmet Emre Wei Jun Ming Li Hao Chen Kim Min Jae Hiroshi Kenji Raj Amit Sanjay Vijay Tariq Imran
Olusegun Emeka Kwame Sipho Jan Piotr Tomasz Andrzej Milan Dragan Zoran Nikos Yannis Lars Sven Erik Janos Istvan
""".split()
LATIN_FEMALE = """
Mary Patricia Linda Barbara Susan Sarah Karen Anna Maria Julia Sophie Claire Marie Laura Carmen Ana Isabel Lucia Fatima
Aisha Zainab Khadija Maryam Leyla Ayse Elif Mei Lin Xia Yuki Sakura Priya Anjali Amina Ngozi Katarzyna Agnieszka Jelena
Ingrid Astrid Eva Zsofia
""".split()
LATIN_HEADS = """
Smith Johnson Williams Brown Jones Miller Davis Wilson Taylor Martin Garcia Rodriguez Martinez Hernandez Lopez Gonzalez
Perez Sanchez Muller Schmidt Schneider Fischer Weber Meyer Wagner Bernard Dubois Laurent Rossi Russo Ferrari Bianchi
Silva Santos Oliveira Pereira Khan Hussain Malik Ahmad Rahman Hassan Ibrahim Abdullah Haddad Mansour Nasser Saleh Yilmaz
Kaya Demir Celik Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Kim Park Choi Tanaka Suzuki Sato Singh Kumar Sharma Patel
Gupta Okafor Mensah Dlamini Kowalski Nowak Novak Horvat Jovanovic Petrovic Papadopoulos Andersson Johansson Hansen Nagy
""".split()
LATIN_ONSETS = "b c d f g h j k l m n p r s t v w z br ch cl cr dr fl gr kh pr sh st th tr".split()
LATIN_VOWELS = "a e i o u ai ou ee".split()
LATIN_CODAS = "b d f g k l m n r s t ck ll nd ng nt rt ss sh".split()
LATIN_SUFFIXES = "son er man ez ini elli ski ova berg stein oglu zadeh i ani ard eau ic os sen ura".split()

FORMS = "ООО ООО ООО ООО ООО АО ПАО ЗАО ИП НАО".split()
LATIN_FORMS = "LLC LTD LTD GMBH INC CORP SA FZE JSC BV".split()
FIRST_HALVES = """
Строй Тех Агро Транс Торг Пром Энерго Нефте Газ Мед Эко Авто Инвест Сервис Снаб Метал Лес Хим Рем Спец Гидро Электро
Юг Север Восток Запад Сиб Урал Волга Дон Альфа Вест Макси Мега Глобал Профи Мастер Арт Люкс Диа Рос Рус Центр Интер Уни
""".split()
SECOND_HALVES = """
строй монтаж сервис торг снаб инвест проект комплект ресурс груп трейд маш лайн пром транс авто мед энерго хим лес мет
логистик консалт актив капитал дом град сталь бур газ нефть агро продукт маркет софт система техника
""".split()
COMPANY_WORDS = """
Компания Группа Завод Центр Торговый Дом Управление Производство Фирма Строительная Транспортная Логистика Сервис
Производственное Объединение Холдинг Агентство Комбинат Мастерская Ресурс Проект
""".split()
LATIN_COMPANY_WORDS = """
Trading Shipping Logistics Holding Group International Industries Engineering Capital Investment Services Energy Marine
Petroleum General Global Technology Systems Import Export Construction Foods Textile Electronics
""".split()
VESSEL_FIRST = """
Sea Ocean Golden Silver Blue Northern Southern Eastern Star Royal Pacific Atlantic Grand Happy Lucky New Bright Arctic
Baltic Caspian Gulf Victory Diamond Noble Swift
""".split()
VESSEL_SECOND = """
Star Pearl Eagle Wave Horizon Spirit Glory Trader Pioneer Breeze Falcon Crown Queen Dolphin Lion Dawn Fortune Navigator
Carrier Voyager Princess Light Wind Hope Jade Coral
""".split()

FEMININE = (("ский", "ская"), ("цкий", "цкая"), ("ов", "ова"), ("ев", "ева"), ("ин", "ина"))


def feminine(surname: str) -> str:
    """Return the feminine form of a Russian surname; others keep one form."""
    for ending, other in FEMININE:
        if surname.endswith(ending):
            return surname[: -len(ending)] + other
    return surname


def patronymic(father: str, female: bool) -> str:
    """Derive a patronymic from a father's given name."""
    if father.endswith("й"):
        stem = father[:-2] + "ьев" if father.endswith("ий") else father[:-1] + "ев"
    elif father.endswith("ь"):
        stem = father[:-1] + "ев"
    elif father[-1] in "ая":
        return father[:-1] + ("ична" if female else "ич")
    else:
        stem = father + "ов"
    return stem + ("на" if female else "ич")


def genitive(party: Party) -> Party:
    """Decline a Russian person into the genitive case, as clerks write it."""
    surname, given, *rest = party.parts
    return party._replace(
        parts=(
            _genitive_surname(surname, party.female),
            _genitive_word(given),
            *(name[:-1] + "ы" if party.female else name + "а" for name in rest),
        )
    )


def _genitive_surname(surname: str, female: bool) -> str:
    if female:
        if surname.endswith("ая"):
            return surname[:-2] + "ой"
        return surname[:-1] + "ой" if surname.endswith(("ова", "ева", "ина")) else surname
    if surname.endswith(("ский", "цкий")):
        return surname[:-2] + "ого"
    return surname + "а" if surname[-1] in "бвгджзклмнпрстфхцчшщ" else surname


def _genitive_word(name: str) -> str:
    if name[-1] in "йь":
        return name[:-1] + "я"
    if name[-1] == "я":
        return name[:-1] + "и"
    if name[-1] == "а":
        return name[:-1] + ("и" if name[-2] in "гкхжшчщ" else "ы")
    return name + "а"


def _syllables(
    random: Random, heads: list[str], onsets: list[str], vowels: list[str], codas: list[str], suffixes: list[str]
) -> list[str]:
    """Return `SURNAME_COUNT` different words: the heads, then what syllables give, in an order drawn once."""
    words = dict.fromkeys(heads)
    pools = (onsets, vowels, codas, vowels, codas)
    while len(words) < SURNAME_COUNT:
        first, second, third, fourth, fifth = (pool[int(random.random() * len(pool))] for pool in pools)
        suffix = suffixes[int(random.random() ** 2 * len(suffixes))]
        middle = third + fourth + fifth if random.random() < 0.7 else third
        words[(first + second + middle + suffix).capitalize()] = None
    return list(words)


SCHEMES: tuple[dict[str, str], ...] = tuple(
    dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", latin.split("|"), strict=True))
    for latin in (
        "a|b|v|g|d|e|e|zh|z|i|i|k|l|m|n|o|p|r|s|t|u|f|kh|ts|ch|sh|shch|ie|y||e|iu|ia",
        "a|b|v|g|d|e|yo|zh|z|i|y|k|l|m|n|o|p|r|s|t|u|f|kh|ts|ch|sh|shch||y||e|yu|ya",
        "a|b|v|g|d|e|e|j|z|i|i|k|l|m|n|o|p|r|s|t|ou|f|kh|ts|tch|ch|chtch||y||e|iou|ia",
    )
)


def transliterate(text: str, scheme: int) -> str:
    """Romanise Russian text by one of `SCHEMES`; 0 is that of passports, 1 British, 2 French."""
    table = SCHEMES[scheme]
    return "".join(
        table.get(letter, letter) if letter.islower() else table.get(letter.lower(), letter).capitalize()
        for letter in text
    )


class Population:
    """The people, companies and ships that lists and payments are drawn from."""

    def __init__(self, seed: int = 0) -> None:
        random = Random(f"population {seed}")
        heads = [
            stem + ("" if stem.endswith("ин") else "в" if stem[-1] in "ое" else "ев" if stem[-1] in "ьа" else "ов")
            for stem in STEMS
        ]
        self.surnames = Ranked(_syllables(random, heads, ONSETS, VOWELS, CODAS, SUFFIXES))
        self.latin_surnames = Ranked(
            _syllables(random, LATIN_HEADS, LATIN_ONSETS, LATIN_VOWELS, LATIN_CODAS, LATIN_SUFFIXES)
        )
        self.male, self.female = Ranked(MALE, 0.9, 3), Ranked(FEMALE, 0.9, 3)
        self.latin_male, self.latin_female = Ranked(LATIN_MALE, 0.7, 8), Ranked(LATIN_FEMALE, 0.7, 8)
        brands = [first + second for first, second in product(FIRST_HALVES, SECOND_HALVES)]
        random.shuffle(brands)
        self.brands = Ranked(brands + self.surnames.items[-BRAND_COUNT:], 0.6, 100)
        self.latin_brands = Ranked(self.latin_surnames.items[-BRAND_COUNT:], 0.6, 100)

    def person(self, random: Random) -> Party:
        """Draw a Russian person: surname, given name, patronymic."""
        female = random.random() < 0.5
        surname = self.surnames.draw(random)
        given = (self.female if female else self.male).draw(random)
        father = patronymic(self.male.draw(random), female)
        return Party("person", "cyrillic", (feminine(surname) if female else surname, given, father), "", female)

    def foreigner(self, random: Random) -> Party:
        """Draw a person whose name is written in Latin: surname and one or two given names."""
        female = random.random() < 0.4
        given = self.latin_female if female else self.latin_male
        parts = (self.latin_surnames.draw(random), given.draw(random))
        if random.random() < 0.35:
            parts += (self.latin_surnames.draw(random) if random.random() < 0.4 else given.draw(random),)
        return Party("person", "latin", parts, "", female)

    def company(self, random: Random, cyrillic: bool) -> Party:
        """Draw a company or a sole trader."""
        if cyrillic:
            form = FORMS[int(random.random() * len(FORMS))]
            if form == "ИП":
                return self.person(random)._replace(kind="company", form=form)
            words, brands = COMPANY_WORDS, self.brands
        else:
            form, words, brands = (
                LATIN_FORMS[int(random.random() * len(LATIN_FORMS))],
                LATIN_COMPANY_WORDS,
                self.latin_brands,
            )
        parts = [brands.draw(random)]
        if random.random() < 0.65:
            parts.insert(0 if cyrillic else 1, words[int(random.random() * len(words))])
        if random.random() < 0.25:
            parts.append(brands.draw(random))
        if random.random() < 0.08:
            parts.append(str(int(random.random() * 98) + 2))
        return Party("company", "cyrillic" if cyrillic else "latin", tuple(parts), form)

    def vessel(self, random: Random) -> Party:
        """Draw a ship; one in five has a name of one word."""
        if random.random() < 0.2:
            return Party("vessel", "latin", (self.latin_brands.draw(random),))
        first = VESSEL_FIRST[int(random.random() * len(VESSEL_FIRST))]
        second = (
            VESSEL_SECOND[int(random.random() * len(VESSEL_SECOND))]
            if random.random() < 0.6
            else self.latin_brands.draw(random)
        )
        return Party("vessel", "latin", (first, second))


def written(party: Party, random: Random | None = None) -> str:
    """Write a name as lists do, or, with a source of chance, in one of the ways of payments."""
    if party.kind == "vessel":
        return " ".join(party.parts).upper()
    if party.kind == "company" and party.form != "ИП":
        body = " ".join(party.parts)
        if party.script == "latin":
            body = f"{body} {party.form}"
            return body.upper() if random and random.random() < 0.7 else body
        if random and random.random() < 0.3:
            return f"{party.form} {body.upper()}"
        return f'{party.form} "{body}"' if not random or random.random() < 0.8 else f"{party.form} {body}"
    surname, given, *rest = party.parts
    if not random:
        words = [surname, given, *rest] if party.script == "cyrillic" else [given, *rest, surname]
    elif party.script == "latin":
        words = [surname + ",", given, *rest] if random.random() < 0.3 else [given, *rest, surname]
    else:
        draw = random.random()
        if draw < 0.72:
            words = [surname, given, *rest]
        elif draw < 0.82:
            words = [given, *rest, surname]
        elif draw < 0.9:
            words = [surname, given]
        elif draw < 0.95:
            words = [surname, f"{given[0]}.", *(f"{name[0]}." for name in rest)]
        else:
            words = [given, *rest, f"{surname[0]}."]
    text = " ".join([party.form, *words] if party.form else words)
    return text.upper() if random and random.random() < 0.35 else text


def listed(population: Population, random: Random) -> Iterator[Party]:
    """Draw listed subjects without end: 40 % Russian, the others Latin; persons, companies and ships."""
    while True:
        draw = random.random()
        if draw < 0.30:
            yield population.person(random)
        elif draw < 0.68:
            yield population.foreigner(random)
        elif draw < 0.78:
            yield population.company(random, cyrillic=True)
        elif draw < 0.92:
            yield population.company(random, cyrillic=False)
        else:
            yield population.vessel(random)
