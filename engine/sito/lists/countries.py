"""Country words of the western lists -> ISO 3166 alpha-2.

The table holds English short names, the variants the lists print (`Korea, North`, `Burma`), adjectives
of nationality (`Tunisian`) and alpha-3 codes. A word that is not in it stays as the list prints it:
an unknown country is shown, never dropped and never guessed.
"""

from __future__ import annotations

import re
from functools import lru_cache

# alpha-2, alpha-3, then names and adjectives separated by "|".
_TABLE = """
AD AND Andorra|Andorran
AE ARE United Arab Emirates|UAE|Emirati
AF AFG Afghanistan|Afghan
AG ATG Antigua and Barbuda|Antigua & Barbuda
AI AIA Anguilla
AL ALB Albania|Albanian
AM ARM Armenia|Armenian
AO AGO Angola|Angolan
AR ARG Argentina|Argentine|Argentinian
AS ASM American Samoa
AT AUT Austria|Austrian
AU AUS Australia|Australian
AW ABW Aruba
AZ AZE Azerbaijan|Azerbaijani
BA BIH Bosnia and Herzegovina|Bosnia & Herzegovina|Bosnia|Bosnian|Bosnia-Herzegovina
BB BRB Barbados
BD BGD Bangladesh|Bangladeshi
BE BEL Belgium|Belgian
BF BFA Burkina Faso|Burkinabe
BG BGR Bulgaria|Bulgarian
BH BHR Bahrain|Bahraini
BI BDI Burundi|Burundian
BJ BEN Benin|Beninese
BM BMU Bermuda
BN BRN Brunei|Brunei Darussalam
BO BOL Bolivia|Bolivian|Bolivia (Plurinational State of)
BR BRA Brazil|Brazilian
BS BHS Bahamas|The Bahamas|Bahamas, The
BT BTN Bhutan
BW BWA Botswana
BY BLR Belarus|Belarusian|Byelorussian|Republic of Belarus
BZ BLZ Belize
CA CAN Canada|Canadian
CD COD Democratic Republic of the Congo|Congo, Democratic Republic of the|Congo (Democratic Republic)|\
Congo, the Democratic Republic of the|DRC|Congo (DRC)|Democratic Republic of Congo
CF CAF Central African Republic
CG COG Congo|Congo, Republic of the|Republic of the Congo|Congolese
CH CHE Switzerland|Swiss
CI CIV Côte d'Ivoire|Cote d'Ivoire|Cote d Ivoire|Ivory Coast|Ivorian|Côte d’Ivoire
CK COK Cook Islands
CL CHL Chile|Chilean
CM CMR Cameroon|Cameroonian
CN CHN China|Chinese|People's Republic of China|China (Mainland)
CO COL Colombia|Colombian
CR CRI Costa Rica|Costa Rican
CU CUB Cuba|Cuban
CV CPV Cape Verde|Cabo Verde
CW CUW Curacao|Curaçao
CY CYP Cyprus|Cypriot
CZ CZE Czech Republic|Czechia|Czech
DE DEU Germany|German
DJ DJI Djibouti
DK DNK Denmark|Danish
DM DMA Dominica
DO DOM Dominican Republic
DZ DZA Algeria|Algerian
EC ECU Ecuador|Ecuadorian
EE EST Estonia|Estonian
EG EGY Egypt|Egyptian
ER ERI Eritrea|Eritrean
ES ESP Spain|Spanish
ET ETH Ethiopia|Ethiopian
FI FIN Finland|Finnish
FJ FJI Fiji
FM FSM Micronesia|Micronesia, Federated States of
FR FRA France|French
GA GAB Gabon|Gabonese
GB GBR United Kingdom|UK|British|Great Britain|England|Scotland|Wales|\
United Kingdom of Great Britain and Northern Ireland
GD GRD Grenada
GE GEO Georgia|Georgian
GG GGY Guernsey
GH GHA Ghana|Ghanaian
GI GIB Gibraltar
GL GRL Greenland
GM GMB Gambia|The Gambia|Gambia, The|Gambian
GN GIN Guinea|Guinean|Conakry Guinea
GQ GNQ Equatorial Guinea
GR GRC Greece|Greek
GT GTM Guatemala|Guatemalan
GU GUM Guam
GW GNB Guinea-Bissau|Guinea Bissau
GY GUY Guyana|Guyanese
HK HKG Hong Kong|Hong Kong SAR|\
Hong Kong Special Administrative Region|China, Hong Kong Special Administrative Region|China (Hong Kong)|\
Hong Kong, China
HN HND Honduras|Honduran
HR HRV Croatia|Croatian
HT HTI Haiti|Haitian
HU HUN Hungary|Hungarian
ID IDN Indonesia|Indonesian
IE IRL Ireland|Irish
IL ISR Israel|Israeli
IM IMN Isle of Man|Man, Isle of
IN IND India|Indian
IQ IRQ Iraq|Iraqi
IR IRN Iran|Iranian|Iran, Islamic Republic of|Iran (Islamic Republic of)|Islamic Republic of Iran
IS ISL Iceland|Icelandic
IT ITA Italy|Italian
JE JEY Jersey
JM JAM Jamaica|Jamaican
JO JOR Jordan|Jordanian
JP JPN Japan|Japanese
KE KEN Kenya|Kenyan
KG KGZ Kyrgyzstan|Kyrgyz Republic|Kyrgyz
KH KHM Cambodia|Cambodian
KI KIR Kiribati
KM COM Comoros|Union of the Comoros|Comorian
KN KNA Saint Kitts and Nevis|St. Kitts and Nevis|St Kitts and Nevis|St Kitts & Nevis
KP PRK North Korea|Korea, North|Democratic People's Republic of Korea|DPRK|North Korean|\
Korea (Democratic People's Republic of)|Korea, Democratic People's Republic of|\
North Korea (Democratic People's Republic of Korea)
KR KOR South Korea|Korea, South|Republic of Korea|South Korean|Korea, Republic of
KW KWT Kuwait|Kuwaiti
KY CYM Cayman Islands
KZ KAZ Kazakhstan|Kazakh|Kazakhstani
LA LAO Laos|Laotian|Lao People's Democratic Republic
LB LBN Lebanon|Lebanese
LC LCA Saint Lucia|St. Lucia
LI LIE Liechtenstein
LK LKA Sri Lanka|Sri Lankan
LR LBR Liberia|Liberian
LS LSO Lesotho
LT LTU Lithuania|Lithuanian
LU LUX Luxembourg
LV LVA Latvia|Latvian
LY LBY Libya|Libyan|Libyan Arab Jamahiriya
MA MAR Morocco|Moroccan
MC MCO Monaco
MD MDA Moldova|Moldovan|Republic of Moldova|Moldova, Republic of
ME MNE Montenegro|Montenegrin
MG MDG Madagascar
MH MHL Marshall Islands
MK MKD North Macedonia|Macedonia|North Macedonia, The Republic of|Macedonian|The Republic of North Macedonia
ML MLI Mali|Malian
MM MMR Myanmar|Burma|Burmese|Myanmar (Burma)|Burma (Myanmar)
MN MNG Mongolia|Mongolian
MO MAC Macau|Macao
MR MRT Mauritania|Mauritanian
MT MLT Malta|Maltese
MU MUS Mauritius
MV MDV Maldives|Maldivian
MW MWI Malawi
MX MEX Mexico|Mexican
MY MYS Malaysia|Malaysian
MZ MOZ Mozambique|Mozambican
NA NAM Namibia|Namibian
NE NER Niger|Nigerien
NG NGA Nigeria|Nigerian
NI NIC Nicaragua|Nicaraguan
NL NLD Netherlands|The Netherlands|Dutch
NO NOR Norway|Norwegian
NP NPL Nepal|Nepalese
NR NRU Nauru
NU NIU Niue
NZ NZL New Zealand
OM OMN Oman|Omani
PA PAN Panama|Panamanian
PE PER Peru|Peruvian
PG PNG Papua New Guinea
PH PHL Philippines|Filipino|Philippine
PK PAK Pakistan|Pakistani
PL POL Poland|Polish
PR PRI Puerto Rico
PS PSE Palestinian|Palestine|Palestinian Territories|Occupied Palestinian Territories|State of Palestine|\
Palestinian Territory|Gaza|West Bank|Region: Gaza|Occupied Palestinian Territory
PT PRT Portugal|Portuguese
PW PLW Palau
PY PRY Paraguay|Paraguayan
QA QAT Qatar|Qatari
RO ROU Romania|Romanian
RS SRB Serbia|Republic of Serbia|Serbian
RU RUS Russia|Russian|Russian Federation
RW RWA Rwanda|Rwandan
SA SAU Saudi Arabia|Saudi Arabian|Saudi
SB SLB Solomon Islands
SC SYC Seychelles
SD SDN Sudan|Sudanese
SE SWE Sweden|Swedish
SG SGP Singapore|Singaporean
SI SVN Slovenia|Slovenian
SK SVK Slovakia|Slovak
SL SLE Sierra Leone
SM SMR San Marino
SN SEN Senegal|Senegalese
SO SOM Somalia|Somali
SR SUR Suriname
SS SSD South Sudan|South Sudanese
ST STP Sao Tome and Principe
SV SLV El Salvador|Salvadoran
SX SXM Sint Maarten
SY SYR Syria|Syrian|Syrian Arab Republic
SZ SWZ Eswatini|Swaziland
TC TCA Turks and Caicos Islands
TD TCD Chad|Chadian
TG TGO Togo|Togolese
TH THA Thailand|Thai
TJ TJK Tajikistan|Tajik
TL TLS Timor-Leste|East Timor
TM TKM Turkmenistan|Turkmen
TN TUN Tunisia|Tunisian
TO TON Tonga
TR TUR Turkey|Turkish|Türkiye|Turkiye
TT TTO Trinidad and Tobago|Trinidad & Tobago|Trinidadian
TV TUV Tuvalu
TW TWN Taiwan|Taiwanese|Taiwan, Province of China
TZ TZA Tanzania|Tanzanian|Tanzania, United Republic of|United Republic of Tanzania
UA UKR Ukraine|Ukrainian
UG UGA Uganda|Ugandan
US USA United States|United States of America|American|U.S.A.|U.S.
UY URY Uruguay|Uruguayan
UZ UZB Uzbekistan|Uzbek
VA VAT Holy See|Vatican City
VC VCT Saint Vincent and the Grenadines|St. Vincent and the Grenadines|St Vincent
VE VEN Venezuela|Venezuelan|Venezuela, Bolivarian Republic of|Venezuela (Bolivarian Republic of)
VG VGB British Virgin Islands|Virgin Islands, British|Virgin Islands (British)
VI VIR Virgin Islands, U.S.|US Virgin Islands
VN VNM Vietnam|Viet Nam|Vietnamese
VU VUT Vanuatu
WS WSM Samoa
XK XKX Kosovo|Kosovan|Kosovar
YE YEM Yemen|Yemeni|Yemen, Republic of
ZA ZAF South Africa|South African
ZM ZMB Zambia|Zambian
ZW ZWE Zimbabwe|Zimbabwean
"""


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text.replace("’", "'").casefold()).strip()


def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for line in _TABLE.replace("\\\n", "").split("\n"):
        if line:
            alpha2, alpha3, names = line.split(" ", 2)
            for name in (alpha2, alpha3, *names.split("|")):
                codes[_key(name)] = alpha2
    return codes


_CODES = _codes()


def country_code(text: str) -> str:
    """Return the alpha-2 code of a country word, empty if the table does not know it."""
    return _CODES.get(_key(text), "")


def country(text: str) -> str:
    """Return the alpha-2 code of a country word, or the words themselves without outer white space."""
    words = " ".join(text.split())
    return _CODES.get(_key(words), words)
