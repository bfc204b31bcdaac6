"""The stems of which Swedish streets, quarters and places are named everywhere.

Björnvägen is a street of its own and no misspelling of Björkvägen, whether or not a municipality's
register has both. The list is general knowledge and need not be whole: a stem that is missing is
mended if one name of the register alone is a letter away.
"""

from services.anonymizer.domain.locating.letters import fold

_NAMES = """
abborr abel aborr adam adolf afton agnes akvarell al albert albin alfred algot alm alma alv alva
amanda amiral and anders anemon ankar ann anna april arbet arkitekt arne aron arsenal artill arvid
as ask askim asp aster astrid atom august augusti aurora axel back backe backsippa bad badhus
bagar bagg ban bangård bar barberar barbro barkass barlast barn bastion bastu bataljon batteri
beckar beda bellman bengt berg bergman bergsman berta bertil beryl berzelius bi bigarrå bin birger
birgitta bivack björk björn blekinge blixt blom blomm blomster blåklint blåklock blåsipp bo bock
bohus boj bojen bok bokbindar bokhållar bond bonde borg borgar borgmästar bost brand brandmästar
brant branting bred brigg briggen brink brita britta bro bror bruk brunn brunört brygg bryggar
bryn bråd bråt bråta bräd bräken bränd brännar burg bus buss by bygd bygg byggmästar byväg båg
båge bål båt båtbyggar båtsman bäck bänk bär bärg bäver bö bödker bön böss carl carolina cecilia
cello celsius central centrum charlotte cirkel cykel dag dagg daggkåp daggmask daggvid dal dala
dalkarl dalén dam damm daniel dansk david december del delfin diakon diamant diger dik dike dill
disa djup djur dock docka domar domprost dora dov dovhjort drag dragon drak drejar drev drott druv
dräng dunge dungen dunker duv dåd däck ebba edit edla edvard ejnar ek eka ekorr eld elefant elin
elisabet ella ellen elsa emil emma en engelbrekt england enskilda ericsson erik erland erlander
ernst eskil eva evert fabian fabrik fabrikör fackel fager fagott falk fall fals fan fanbärar
fanjunkar fanny fartyg fasan fast februar februari ferri fest festi filip fin fink finsk fiol fisk
fiskar fjäll fjärd fjärdingsman fjäril flack fladdermus flagg flat flod flot flottar flox
flugsnapp flyg flygel flygfält fläder flöjt fogd fogde folk folke folkets ford forman fors fot
frankrike frans fred fredag fredrik fregatt frej freja fri frid frida fridh fridhem frigg frihet
fritiof frode frost frukt fröding fur fyr fågel fågelsång fål får fält fältskär fäng fär färgar
färj fäst fästning föl förening föreningen förmyndar förråd gabriel gadd galt galär gam gamla
gammal garvar gast gasverk geijer general gentian georg gerd gerda getväppling gips gitarr giv
gjutar glad glada gladiolus glas glasmästar glim glänt glänta god golv gotland gottfrid grafit
gran granit grav gren grenadjär greta grev greve grevinn grind grip gripsholm gris grop grund grus
gruv gruvfogd gryning gryt gräns gräs gräv grävling grön grönd grönlund gröt guld guldsmed gull
gullregn gullviv gunhild gunnar gustaf gustav gå gård gås gädd gärd gärde gök gökblomster gökärt
göran göte hackspett hag haga hage hagtorn haj halk hall halland hallon halm hals halv hammar hamn
hampus hamre handel hanna hans hantverk hantverkar har harald hare harg harp hassel hasselnöt hatt
hattmakar hav havre hed hedda hede heden hedvig heidenstam helena helg helga helge helmer hem
henning henrik herman hermelin hermods hertig hilda hilma himmel hingst hjalmar hjort hjortron
hjul hjälm hjälmar hjälmare hjärter holger holländ holm holme hop horn hospital hovslagar hugin
hugo hult humla humle hund hus husar hyacint hygge hyl hyll hylte hytt hyvl håkan hål håll hård
häger hägg häll hälsing hälso häng här härads häradsdomar härd härjedal härva hässle häst hästhag
hästsko hög höga höjd hök höns hörn hörnet höst höva hövding ida idrott idun igel igelkott industr
industri ing inga ingeborg ingel ingenjör inger ingrid inspektor iris is isak ishall istid ivar
jakob jakt jan jarl jasmin jenny jens johan johannes johannesört john jolster jonas jord jordgubb
josef jul juli julia julita julius jull jungfru juni jut jägar jämtland järn järnväg järpe järpen
järv jöns kabbelek kabel kaffe kaj kajut kaka kalk kalksten kalle kalv kam kamomill kamp kampe
kamrer kanal kanin kanon kanot kanslist kant kantor kap kapell kaprifol kapten kardmakar karin
karl karlfeldt karlsro karlsson karm karolin kart karusell kasern kasper kastanj kastell kastvind
katarina katt kavaller kavel kedj keramik kerstin kettil kil kilen kit kjell klapp klar klara
klarinett klaver klev kling klinga klint klipp klippa klock klockar kloster klot klubb klyft kläm
klöver knapp knekt knopp knut knutpunkt knäck ko kobolt kock kol kolar kolibri kolon koloni
koltrast komet komminister kompani kompass kon konrad konst konstapel kontor koop koppar
kopparslag kopparslagar korg korgmakar korn korp korpral kors korset kovall krabb kraft kran
krasse krick kringl kristin kristina krok krokus krom kron krona kronolänsman kronprins kross
krukmakar krus kry kryp kryss kråk kråkbär kräft kräm kula kulle kummel kummin kung kungsgård
kungsörn kusin kusk kust kutter kvadrat kvarn kvarter kvarts kvast kvig kviga kvist kyckling kyrk
kyrkby kyrko kyrkogård kågg kåpa kåre kåt kälk käll kär kärn kärr köl kölsvin köpman körsbär lad
lada ladugård lag lage lager lagerlöf lagun lamm land landsväg lang lans lant lantern lanterna
lantmätar lapp lapplands lars lasse laval lavendel lax led ledung lejon lek lekplats lena lennart
ler lerdal lergods lergök lilj lilje liljekonvalj lill limp lin lind lingon linjal linje linn
linnea linné linus lisa ljud ljung ljus lo lod lodet lodjur loke loki lokstall lom lots louis lov
lova lovisa ludvig luft luftskepp lug lugn lun lund lunda lungört lunn lupin lut lutt lyck lycka
lyckan lyckeb lykt lyktmakar lyr lysing lång lås läderm läkar län lärk lärka lärling lästa
löjtnant lök lönn löpar lördag löv magnet magnus maj maja major makrill mal mald malin malm malört
man mandel mandol manfred mard margareta maria marielund mark marknad marmor mars marta martin
maskin maskinist mast matilda matros mats mattias med medborgar medelpad mejeri mejram melker
mellan mes middag midnattssol midsommar midvinter mikael mil miljö min mina mink minn minna minnes
mit mjöl mjölkört mjölnar mo moberg montör mor morgon morkull moses moss mossa mosse mot motor mul
mull mun munin munk mur murar murgrön mus musik musköt mussl mygg myll mylla mynt mynta myr måbär
målar mån måndag måne måns månsken mår måra mård mås måttstock mälar märgel märta mässing mäst
mästar mätar möbel möll mört nabb nanna nanny narciss natt nattskärr nattviol nav ned nejlik nick
nickel niklas nils njord nobel nor nord nordan nore norr norra norre norrgård norrland norrsken
norrtull norsk november nunneört nya nybro nybygg nyckelharp nygård nyhem nymåne nypon nål näbb
näck näktergal nämndeman när närk närke närnes näs näver nöden nötskrik nötväck oden odin odon
officer oktober ola olaus olof olov olvon onsdag opal organist orgel orgelbyggar orion orkidé orm
ormbunk ormrot orr ort oscar oskar ost ostkak osvald ottilia otto oval ox oxe oxel palm palme
pannkak pansar pant panter papegoj paradis parallell park pass pastor patron paul paulina pelar
pelargon pelikan pepparrot per persilj perukmakar peter petrus petter pian pil pilbåg pilgrim
pilot pilspets pingst pingvin pion pipar pir plan planet plank platå plister plommon pluto
plåtslagar polen polhem polis polsk polska ponny pontus poppel porfyr pors port post poster
postiljon press prim primul prins prinsess prisma prost pråm präst prästgård prästkrag puls pump
pund pung punkt pyramid påfågel pål påsk pärl pärlhyacint päron rabarber rad ragnar rallarros
ranunkel rap rapphön rast rav rebecka reg regement regn rektor ren repslagar reseda reveny rid
ridar riddar ridhus rik rim ring ringblom ringduv ringmur ripa rist ritar ro robert rod roddar
rolf romb rond ror ros rosen rosenfink rosengård rosenlund roslag rosmarin rot rotfrukt ruben
rubin rud ruda rudolf runa rund rune runeberg rustmästar rut ry ryd rydberg rymd ryttar råbock råd
rådhus rådjur rådman råg rågå räls ränn räv röd rödhake röding rödj rödklöver rök rökelse rölleka
rönn rönnbär rör rörbäck rörsjö rös röse sabina sadel sadelmakar safir saga sal salp salt saltsj
salut salvi sam samfund samuel san sand sara saturn scheele segel segelmakar segl selma semla
senap sensommar september set sif sigfrid sigill signe sigrid sigurd sigvard sik sikt sil silke
sill silver simhall simon sin sipp sippa siren sirius siv sixten sjukhus sjö sjöman skald skans
skarpskytt skarv skat skatt sked sken skepp skeppar skeppsbro skid skiffer skift skifte skin skina
skinnar skir skiv sko skog skogsbryn skogsduv skogsgård skogsrå skogsstjärn skogvaktar skol skola
skollärar skomakar skoman skonare skonert skorp skorpion skot skott skrak skrik skrin skräddar
skugg skur skut skuta skvalp skymning skytt skytte skyttegård skyttel skål skåne skår skälv skär
skärgård skönhet skörd slag slagg slakt slaktar slam slant sling slinga slip slipar slott slup
sluss slussen slån slåtter släd slätt slöjd smal smaragd smed smedj smedstorp smid smultron små
småland smäl smögen smör smörblom snickar snok snäpp snärj snö snöbär snöripa snösparv socken
socker sockerbagar sofia sofie sol solbacka sold soldat solgård solhem solros solrosen solsid
solsken solstråle solvänd som sommar sommarvind sonat sot spann spant sparbank sparr sparv
sparvhök spat spel spelman spets spik spillkråk spinnar spir spira spjut sport spov spring språng
spån spång spår stab stad stadion stadsgård stall stam stamp star stare stark station stefan steg
steglits sten stenbräck stenhuggar stentorp stenåld stig stina stjärn stjärnblom sto stock stocken
stol stolmakar stor stork storm stormfågel stormhatt storsjö storskog strand strandgård
strandpipar strandskat strindberg stråk strål sträng ström strömming stubb stug stum sture stut
stuv styr styrhytt styrman styvmorsviol ståk stål stång stäk stäpp stör sugg sund sune sunnan
sutar sval svala svall svamp svampa svan svante svart svartbäck svarv svarvar svea sved svedje
svek sven svensk svep sverker svin svärd svärdslilj syd sydväst sylv symfoni syren syster såg
sågverk sång säck säd sädesärl säl sälg sälla sämskmakar sär säter sätr sätra sätt säv sävsparv
söder södergård söderman södra söndag sörgård tack tackjärn tage tak tal talk tall tallås taltrast
tand tegel tegelbruk tegelslagar tegnér tekla telegraf tema tempel tenn tennis teodor terrass ters
tibast tid tidal tiger tight tilda timjan timmer timmerman timotej ting tingshus tisdag tist
tistel tjur tjäder tjär tjärbloss tjärn tofsvip toft tomas tomt tomtebo topas topelius topp tor
tora tord tore torg torn tornsval torp torpar torsdag torsk torsten torv tova tove traktör tran
trana tranbär tranört trapp trast travar traver trek trift troll trollslända tropp trumpet
trumslagar trupp trut tryck tråd tråg trål trålare trån träd trädgård trädgårdsmästar träsk träsko
tröskar tuba tuja tull tulpan tun tung tunn tunnbindar tupp turbin ture tusenbröder tusenskön
tusensköna tussilago tuv tvär tvätt tyg tyr tyra tysk tå tåg tång tält täpp täppa tärn tätting tö
töck törel törne törnros udd udde uggl ugn ulf ull ulla ullspinnar ulrik ulrika und uno uppland
urban urberg urd urmakar utkik utsikt utter uttern uv vad vagn vagnmakar vakt vaktel vaktmästar
val valdemar valhall valk vall valla vallfart vallmo vals valthorn valv valö van vand vapen
vapensmed varg varm varv vasa vass vatten vattenlednings vattentorn vax vecker vecko vedbo veg
vega vera verbena verk verkmästar verkstad verner vessl vest vete vett vicker vid vide vik viken
viking vikinga viktor viktoria vild vildand vildsvin vilhelm vilhelmina vill villa vimpel vin
vinbär vind vinge vinkel vint vinter vintergat vintergrön viol vip vipa virk virvel vis visent
vist vit vitklöver vitsipp viv vret våffl våg vår vård vårdtorn vårlök våt vått väder väderkvarn
väg vägg vägmästar väktar vän vänd väner vär värj värm värmland väst västan västergård västergöt
västgöta västman västra vätter väv vävar växel växt wallenberg ymer yngve zebra zenit zink å åkar
åke åker åkerby åkerbär åkergård åkerärl ål ålder ålderman ålgård ång ångerman ånghammar år åra ås
åsa åsen åsk älg älgört älv ämbetsman äng ängel ängsbi ängsgård ängsklock ängskär äppel äpple
ärenpris ärla ärt äs äventyr ö ödla öland ör öring örn örnäs örtagård öst östan östen öster
östergård östergöt östgöta östra övre
"""

ORDINARY_STEMS = frozenset(_NAMES.split())
BARE_STEMS = frozenset(fold(stem) for stem in ORDINARY_STEMS)
_LEAST_PART = 3
_PLACE_TAILS = """
backa backen badet berg berga berget bo bro bron by byn dal dalen fors fältet garden gården gärdet
hagen hallen hamnen hem hemmet holm holmen hult huset höjd höjden kulla kullen kyrka kyrkan köp
lid liden lund lunda lunden lyckan näs näset sjö sjön skogen stad staden strand stranden stugan säter
sätra torp torpet tomten udd udden vik viken å ån ås åsen äng änga ängen ö ön
"""
_TAILS = frozenset(_PLACE_TAILS.split()) | {fold(tail) for tail in _PLACE_TAILS.split()}
LONGEST_TAIL = max(map(len, _TAILS))
_LINKS = ("s", "e", "a", "o")
_ENDINGS_OF_THINGS = (
    *_LINKS,
    "en",
    "an",
    "et",
    "n",
    "ar",
    "er",
    "or",
    "na",
    "arna",
    "orna",
    "erna",
)


def ordinary(stem: str, *, marked: bool, is_whole: bool) -> str | None:
    """The ordinary name that a word's stem is, or is made of; none if it is neither.

    Shape: without what links it to the next, as a genitive s, or if it is the whole word, without
    the ending of a thing (`druvan` is `druv`); `marked` if the writer has å, ä, ö, so that a stem is
    one only with its marks.
    """
    known = ORDINARY_STEMS if marked else BARE_STEMS
    found = _one(stem, known, _ENDINGS_OF_THINGS if is_whole else _LINKS)
    if found is not None:
        return found
    return _with_tail(stem, known) if is_whole else _of_two(stem, known)


def _with_tail(word: str, known: frozenset[str]) -> str | None:
    """An ordinary name with one of the usual ends of places and houses, written right."""
    for at in range(len(word) - LONGEST_TAIL, len(word) - 1):
        if at > 1 and word[at:] in _TAILS:
            first = _one(word[:at], known, _LINKS)
            if first is not None:
                return f"{first}{word[at:]}"
    return None


def _of_two(stem: str, known: frozenset[str]) -> str | None:
    """Two ordinary names that were made one."""
    stem = stem.removesuffix("s")
    for at in range(_LEAST_PART, len(stem) - _LEAST_PART + 1):
        first = _one(stem[:at], known, _LINKS)
        last = _one(stem[at:], known, _LINKS) if first is not None else None
        if last is not None:
            return f"{first}{last}"
    return None


def _one(stem: str, known: frozenset[str], endings: tuple[str, ...]) -> str | None:
    """The stem itself if it is known, else without an ending."""
    if stem in known:
        return stem
    for ending in endings:
        base = stem.removesuffix(ending)
        if base != stem and base in known:
            return base
    return None
