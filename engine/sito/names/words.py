"""Words that say little: legal forms, generic company words, titles, particles. With weights in per cent.

A name word counts 100 unless it stands here. Weights say how much of a name's identity the word carries: "ООО" next to
nothing, "банк" a little, "Ромашка" all of it. They hold for the word in every script, because they are kept by key.

Sources: Civil Code of the Russian Federation ch. 4 for Russian forms; GLEIF ELF code list 1.4.1 (CC0) for the common
forms of other countries; generic words by frequency in company names of public lists.
"""

from __future__ import annotations

from functools import cache

LEGAL_FORM, TITLE, PARTICLE, GENERIC, INITIAL, ORDINARY = 10, 10, 40, 35, 30, 100
NUMBER = 1  # an account, tax or document number inside a name field
NUMBER_LENGTH_MIN = 9

LEGAL_FORMS = (  # noqa: SIM905  (one word a line would hide the table)
    "ооо оао зао пао ао нао ано нко нпо фгуп фгбу фгбоу фгку гуп муп гбу мбу мбоу гку оод тсж снт кфх ип тоо чп чуп уп "
    "оду одо тов ат пат прат общество ограниченной ответственностью акционерное публичное непубличное закрытое "
    "открытое товарищество индивидуальный предприниматель автономная некоммерческая государственное муниципальное "
    "унитарное предприятие учреждение бюджетное казенное федеральное llc ltd limited liability company co corp "
    "corporation inc incorporated plc lp llp gmbh mbh ag kg ohg ug sa sas sarl srl spa sl slu sap bv nv oy oyj ab as "
    "asa aps kft zrt nyrt doo dooel ad ead eood ood sro zoo sp spolka jsc ojsc cjsc pjsc pao ooo zao oao ao too jv pte "
    "pty sdn bhd fzc fze fzco dmcc est establishment tov ltda cv sab sicav gie pvt private public joint stock"
).split()

GENERIC_WORDS = (  # noqa: SIM905  (one word a line would hide the table)
    "банк компания фирма группа холдинг корпорация концерн фонд центр торговый торговая дом завод комбинат фабрика "
    "объединение производственное научно международный международная российский российская национальный национальная "
    "строительная промышленная транспортная bank group holding holdings trading trade industries industry industrial "
    "international national general services service enterprise enterprises foundation organization organisation "
    "center centre company commercial export import shipping marine maritime lines airlines aviation investment "
    "investments development engineering construction technology technologies consulting management global the and of "
    "for de la el y e und et"
).split()

TITLES = (  # noqa: SIM905  (one word a line would hide the table)
    "mr mrs ms dr prof sir г-н г-жа гражданин гражданка господин госпожа sheikh shaykh haji hajji hadji mullah maulavi"
).split()

PARTICLES = (  # noqa: SIM905  (one word a line would hide the table)
    "al el bin ibn ben bint abu abd von van der den da di do dos del du le ould walad оглы кызы угли уулу оглу ogly "
    "kyzy оглу"
).split()


@cache
def weights() -> dict[str, int]:
    """Return the weight in per cent of each key that does not count 100."""
    table: dict[str, int] = {}
    from sito.names.fold import fold  # noqa: PLC0415  (fold imports keys, and this table is needed at build time only)

    for words, weight in ((PARTICLES, PARTICLE), (GENERIC_WORDS, GENERIC), (TITLES, TITLE), (LEGAL_FORMS, LEGAL_FORM)):
        for word in words:
            for token in fold(word.encode()).tokens:
                table[token.key] = weight
    return table


def listed_words() -> list[str]:
    """Return all words that have a weight of their own; every index holds them, so that both sides weigh alike."""
    return [*PARTICLES, *GENERIC_WORDS, *TITLES, *LEGAL_FORMS]


def weight(word_key: str) -> int:
    """Return the weight in per cent of a word, by its key."""
    if len(word_key) == 1 and word_key.isalpha():
        return INITIAL
    if len(word_key) >= NUMBER_LENGTH_MIN and word_key.isdigit():
        return NUMBER
    return weights().get(word_key, ORDINARY)
