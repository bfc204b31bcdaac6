"""The seats and names of Sweden's municipalities: no such word is a misspelling of a place of ours.

Lidköping is a letter from Linköping, so what may be mended must not be a town's own right name. The
list need not be whole: an unknown word that is near no name of ours is never located anyway.
"""

from services.anonymizer.domain.locating.spelling import keys_of, lossy_keys, words_of

_NAMES = """
Ale,Alingsås,Alvesta,Aneby,Arboga,Arjeplog,Arvidsjaur,Arvika,Askersund,Avesta,Bengtsfors,Berg,
Bjurholm,Bjuv,Boden,Bollebygd,Bollnäs,Borgholm,Borlänge,Borås,Botkyrka,Boxholm,Bromölla,Bräcke,
Burlöv,Båstad,Dals-Ed,Danderyd,Degerfors,Dorotea,Eda,Ekerö,Eksjö,Emmaboda,Enköping,Eskilstuna,Eslöv,
Essunga,Fagersta,Falkenberg,Falköping,Falun,Filipstad,Finspång,Flen,Forshaga,Färgelanda,Gagnef,
Gislaved,Gnesta,Gnosjö,Gotland,Grums,Grästorp,Gullspång,Gällivare,Gävle,Göteborg,Götene,Habo,Hagfors,
Hallsberg,Hallstahammar,Halmstad,Hammarö,Haninge,Haparanda,Heby,Hedemora,Helsingborg,Herrljunga,Hjo,
Hofors,Huddinge,Hudiksvall,Hultsfred,Hylte,Håbo,Hällefors,Härjedalen,Härnösand,Härryda,Hässleholm,
Höganäs,Högsby,Hörby,Höör,Jokkmokk,Järfälla,Jönköping,Kalix,Kalmar,Karlsborg,Karlshamn,Karlskoga,
Karlskrona,Karlstad,Katrineholm,Kil,Kinda,Kiruna,Klippan,Knivsta,Kramfors,Kristianstad,Kristinehamn,
Krokom,Kumla,Kungsbacka,Kungsör,Kungälv,Kävlinge,Köping,Laholm,Landskrona,Laxå,Lekeberg,Leksand,
Lerum,Lessebo,Lidingö,Lidköping,Lilla Edet,Lindesberg,Linköping,Ljungby,Ljusdal,Ljusnarsberg,Lomma,
Ludvika,Luleå,Lund,Lycksele,Lysekil,Malmö,Malung,Sälen,Malå,Mariestad,Mark,Markaryd,Mellerud,Mjölby,
Mora,Motala,Mullsjö,Munkedal,Munkfors,Mölndal,Mönsterås,Mörbylånga,Nacka,Nora,Norberg,Nordanstig,
Nordmaling,Norrköping,Norrtälje,Norsjö,Nybro,Nykvarn,Nyköping,Nynäshamn,Nässjö,Ockelbo,Olofström,Orsa,
Orust,Osby,Oskarshamn,Ovanåker,Oxelösund,Pajala,Partille,Perstorp,Piteå,Ragunda,Robertsfors,Ronneby,
Rättvik,Sala,Salem,Sandviken,Sigtuna,Simrishamn,Sjöbo,Skara,Skellefteå,Skinnskatteberg,Skurup,Skövde,
Smedjebacken,Sollefteå,Sollentuna,Solna,Sorsele,Sotenäs,Staffanstorp,Stenungsund,Stockholm,Storfors,
Storuman,Strängnäs,Strömstad,Strömsund,Sundbyberg,Sundsvall,Sunne,Surahammar,Svalöv,Svedala,
Svenljunga,Säffle,Säter,Sävsjö,Söderhamn,Söderköping,Södertälje,Sölvesborg,Tanum,Tibro,Tidaholm,Tierp,
Timrå,Tingsryd,Tjörn,Tomelilla,Torsby,Torsås,Tranemo,Tranås,Trelleborg,Trollhättan,Trosa,Tyresö,Täby,
Töreboda,Uddevalla,Ulricehamn,Umeå,Upplands Väsby,Upplands-Bro,Uppsala,Uppvidinge,Vadstena,Vaggeryd,
Valdemarsvik,Vallentuna,Vansbro,Vara,Varberg,Vaxholm,Vellinge,Vetlanda,Vilhelmina,Vimmerby,Vindeln,
Vingåker,Vårgårda,Vänersborg,Vännäs,Värmdö,Värnamo,Västervik,Västerås,Växjö,Ydre,Ystad,Åmål,Ånge,Åre,
Årjäng,Åsele,Åstorp,Åtvidaberg,Älmhult,Älvdalen,Älvkarleby,Älvsbyn,Ängelholm,Öckerö,Ödeshög,Örebro,
Örkelljunga,Örnsköldsvik,Östersund,Österåker,Östhammar,Östra Göinge,Övertorneå,Överkalix,Visby,
Mariefred,Öregrund,Åkersberga,Märsta,Huskvarna,Gränna,Skänninge,Skanör,Falsterbo,Djursholm,Marstrand
"""


def _keys(name: str) -> set[str]:
    """A name's writings, with å, ä, ö as they are, bare, or lost."""
    keys = keys_of([word for word in words_of(name) if word.is_name])
    return {keys.plain, keys.ascii, *lossy_keys(keys.plain)}


OTHER_TOWNS = frozenset(
    key for name in _NAMES.replace("\n", "").split(",") for key in _keys(name.strip())
)
"""Their writings without blanks, in lower case."""
