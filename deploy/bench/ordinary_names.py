"""Names that Swedish streets and quarters have: of these most towns have many, and no town all."""

from typing import Final

STREETS: Final = """
Storgatan Kungsgatan Drottninggatan Järnvägsgatan Skolgatan Kyrkogatan Nygatan Ringvägen Skogsvägen Björkvägen
Storgränd Prästgatan Klostergatan Hamngatan Strandgatan Trädgårdsgatan Vasagatan Parkgatan Köpmangatan Repslagargatan
Smedjegatan Hantverkargatan Bryggargatan Slottsgatan Tullgatan Vallgatan Västgötagatan Östgötagatan Linnégatan
Fredsgatan Föreningsgatan Fabriksgatan Industrigatan Verkstadsgatan Gjuterigatan Brunnsgatan Kanalgatan Sjögatan
Bangatan Stationsgatan Postgatan Torggatan Rådhusgatan Apotekaregatan Sturegatan Engelbrektsgatan Birgersgatan
Karlavägen Oskarsgatan Gustavsgatan Sveavägen Odengatan Torsgatan Frejgatan Balders väg Idunvägen Friggavägen
Lundgatan Borgatan Sandgatan Stengatan Berggatan Dalgatan Höggatan Lillgatan Långgatan Tvärgatan Bredgatan Smalgatan
Nybrogatan Floragatan Rosengatan Liljegatan Syrengatan Tulpangatan Violgatan Lindgatan Almgatan Bokgatan Ekgatan
Almvägen Aspvägen Alvägen Bokvägen Granvägen Tallvägen Lindvägen Rönnvägen Oxelvägen Hasselvägen Enbärsvägen
Lingonvägen Blåbärsvägen Hallonvägen Hjortronvägen Smultronvägen Krusbärsvägen Vinbärsvägen Odonvägen Tranbärsvägen
Blåsippevägen Vitsippevägen Gullvivevägen Liljekonvaljvägen Prästkragevägen Blåklocksvägen Smörblommevägen Ljungvägen
Mossvägen Ormbunksvägen Kantarellvägen Murkelvägen Kottevägen Barrvägen Lövvägen Stubbvägen Timmervägen
Björnvägen Älgvägen Rådjursvägen Hjortvägen Rävvägen Lovägen Vargvägen Harvägen Ekorrvägen Igelkottsvägen
Grävlingsvägen Mårdvägen Uttervägen Bävervägen Sorkvägen Svanvägen Tranvägen Svalvägen Trastvägen Koltrastvägen
Gökvägen Orrvägen Tjädervägen Falkvägen Hökvägen Örnvägen Ugglevägen Skatvägen Domherrevägen Talgoxvägen Sparvvägen
Steglitsvägen Starvägen Måsvägen Tärnvägen Ejdervägen Gäddvägen Abborrvägen Laxvägen Öringvägen Ålvägen
Solvägen Månvägen Stjärnvägen Regnbågsvägen Vintervägen Sommarvägen Höstvägen Vårvägen Midsommarvägen Norrskensvägen
Åsvägen Backvägen Bergvägen Dalvägen Åvägen Älvvägen Bäckvägen Myrvägen Kärrvägen Ängsvägen Hagvägen Betesvägen
Åkervägen Rågvägen Vetevägen Kornvägen Havrevägen Klövervägen Lupinvägen Stallvägen Ladugårdsvägen Logvägen Stenvägen
Grusvägen Sandvägen Lervägen Granitvägen Skiffervägen Gnejsvägen Kvartsvägen Gruvvägen Hyttvägen Hammarvägen
Smedvägen Snickarvägen Murarvägen Målarvägen Skräddarvägen Skomakarvägen Bagarvägen Sotarvägen Garvarvägen
Bondevägen Torparvägen Soldatvägen Ryttarvägen Kaptensvägen Majorsvägen Kaptensgatan Seglarvägen Lotsvägen Fyrvägen
Ankarvägen Båtvägen Bryggvägen Hamnvägen Kajvägen Sjövägen Vikvägen Näsvägen Uddvägen Holmvägen Kustvägen Badvägen
Idrottsvägen Stadionvägen Skidvägen Golfvägen Tennisvägen Bollvägen Löparvägen Skyttevägen Festplatsvägen
Kyrkvägen Prästvägen Klockarvägen Kapellvägen Klostervägen Domprostvägen Biskopsgatan Kantorsvägen Orgelvägen
Fiolvägen Trumpetvägen Flöjtvägen Cellovägen Pianovägen Nyckelharpsvägen Visvägen Trubadurvägen Bellmansgatan
Flygvägen Propellervägen Radarvägen Transformatorvägen Generatorvägen Elektrikervägen Lastvägen Terminalvägen
Lövstigen Granstigen Tallstigen Barrstigen Ekorrstigen Harstigen Rävstigen Myrstigen Kärrstigen Mossstigen Skogsstigen
Ängsstigen Hagstigen Åsstigen Bergstigen Solstigen Kyrkstigen Prästgårdsstigen Snickarstigen Vandrarstigen Kostigen
Kyrkbacken Kvarnhöjden Lundbacken Solbacken Slottsbacken Galgbacken Tingsbacken Stenbacken Sandbacken Hagbacken
Rådhustorget Stortorget Lilla torget Järntorget Hötorget Mariatorget Norrtorget Fisktorget Oxtorget Salutorget
Snickargränd Bagargränd Smedgränd Prästgränd Skolgränd Kyrkogränd Rådmansgränd Skomakargränd Klockgränd Tvärgränd
Mejerivägen Tegelbruksvägen Sågvägen Kvarnängsvägen Gasverksgatan Vattentornsvägen Sjukhusvägen Lasarettsgatan
Gågatan Gåsgatan Esplanaden Strandpromenaden Kungsallén Lindallén Slottsallén Ringleden Österleden Västra Långgatan
Östra Storgatan Norra Kungsgatan Södra Järnvägsgatan Västra Ringvägen Norra Strandgatan Gamla Landsvägen
Nya Tanneforsvägen Stockholmsvägen Göteborgsvägen Uppsalavägen Malmövägen Rosvägen Lavendelvägen Timjanvägen
Jasminvägen Kaprifolvägen Hägervägen Storkvägen Kungsfågelvägen Spovvägen Vipvägen Lommvägen
""".replace("\n", " ")
"""One blank apart; a name of two words is told by its first, which is no name."""

_FIRST_OF_TWO: Final = frozenset(
    {"Östra", "Norra", "Södra", "Västra", "Lilla", "Gamla", "Nya", "Balders"}
)

QUARTERS: Final = [
    "Druvan",
    "Päronet",
    "Äpplet",
    "Plommonet",
    "Körsbäret",
    "Aprikosen",
    "Krusbäret",
    "Hallonet",
    "Lejonet",
    "Tigern",
    "Elefanten",
    "Kamelen",
    "Haren",
    "Räven",
    "Vargen",
    "Lodjuret",
    "Hjorten",
    "Älgen",
    "Ekorren",
    "Igelkotten",
    "Bävern",
    "Uttern",
    "Falken",
    "Örnen",
    "Ugglan",
    "Svanen",
    "Tranan",
    "Gripen",
    "Draken",
    "Enhörningen",
    "Fenix",
    "Pelikanen",
    "Hästen",
    "Oxen",
    "Kalven",
    "Lammet",
    "Geten",
    "Tuppen",
    "Hönan",
    "Gäddan",
    "Abborren",
    "Laxen",
    "Ålen",
    "Kräftan",
    "Kronan",
    "Spiran",
    "Äpplegården",
    "Riksäpplet",
    "Svärdet",
    "Skölden",
    "Hjälmen",
    "Lansen",
    "Kanonen",
    "Trumman",
    "Fanan",
    "Ankaret",
    "Rodret",
    "Seglet",
    "Masten",
    "Kompassen",
    "Fyren",
    "Bryggan",
    "Nyckeln",
    "Låset",
    "Saxen",
    "Hammaren",
    "Städet",
    "Tången",
    "Plogen",
    "Harven",
    "Lien",
    "Skäran",
    "Spaden",
    "Yxan",
    "Kvarnstenen",
    "Jupiter",
    "Mars",
    "Venus",
    "Saturnus",
    "Neptunus",
    "Merkurius",
    "Oden",
    "Tor",
    "Frej",
    "Balder",
    "Idun",
    "Brage",
    "Heimdal",
]


def streets() -> list[str]:
    """Every street once."""
    found: list[str] = []
    for word in STREETS.split():
        if found and found[-1] in _FIRST_OF_TWO:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return list(dict.fromkeys(found))
