"""The words of ordinary Swedish that describe where and what, and name no place; without marks.

General knowledge; a word that is missing costs the place and no more.
"""

from services.anonymizer.domain.locating.letters import with_and_without_marks


def _words(text: str) -> frozenset[str]:
    return with_and_without_marks(text.split())


COMPASS = _words(
    "norr söder öster väster nordost nordväst sydost sydväst nordöst sydöst norrom söderom österom"
    " västerom"
)
"""Directions: which side, with `om`; as a name, Söder is a part of many a town."""

BESIDE = (
    _words(
        """
            nära närheten närhet bredvid intill invid bakom emot mittemot ovanför nedanför bortom
            bortanför kring omkring runt runtom runtomkring strax granne grannen grannhuset snett
            tvärs höjd jämte mellan vidare närmast närmaste bit biten förbi passerat stenkast
            avstånd längre alldeles gränsar angränsande m meter metrar km kilometer mil
            """
    )
    | COMPASS
)
"""What they stand with lies near where it was, and not just there."""

FUNCTION_WORDS = _words(
    """
    jag du han hon ni de dem den det denna detta dessa man sin sitt sina min mitt mina vår våra
    din er era hans hennes deras dess något någon några ingen inget inga alla allt halva båda
    bägge själva samma annan annat andra vilken vilket vilka vars vem som där här dit hit var vart
    då nu när sedan sen redan ännu också även endast just ungefär kanske troligen antagligen nog
    väl inte ej icke utan med mot för av om åt ur ut upp ner ned in bort fram tillbaka hem inuti
    inifrån utifrån uppe nere inne ute borta framme hemma nedan ovan utåt inåt uppåt nedåt bakåt
    framåt uppför nedför genom igenom via per samt och men eller utom förutom enligt längs längst
    utmed utefter utanpå innan efter före under över ovanpå inpå emellan däremellan mellan vid
    invid kring hos bland jämte gentemot därifrån härifrån dåvarande intilliggande bakomliggande
    ena norrut söderut österut västerut norrifrån söderifrån österifrån västerifrån vänster höger
    vänstra högra mittersta mittpå nedersta nederst översta överst högst lägst bakre främre
    yttersta innersta inre yttre första tredje fjärde femte sjätte sjunde åttonde nionde tionde
    elfte tolfte sista nästa nästsista förra en ett två tre fyra fem sex sju åtta nio tio tolv
    många flera fler få mycket lite litet mer mindre mest par ca cirka omkring st stycken styck kl
    klockan idag igår natt natten kväll kvällen morgon morgonen dag dagen eftermiddag måndag
    tisdag onsdag torsdag fredag lördag söndag helg helgen tid tiden timme timmar minut minuter
    vecka veckan månad gång gånger ibland ofta alltid fortfarande länge ok obs osv etc mm bl fd ev
    evt resp dvs tex still kvar tätt rakt snart direkt helt väldigt ganska samtidigt tillsammans
    ihop isär själv gärna invändigt utvändigt utomhus inomhus ovanifrån underifrån bakifrån
    framifrån nerför uppifrån nerifrån nedifrån åter igen bredvid vidare häromkring däromkring
    runtomkring rätt fel udda jämna jämn obebodd numrerad motsvarande gällande angående typ sort
    slags annars dels heter kallad kallas kallat namnet märkt märkta märke modell färg regnr reg
    registreringsnummer tr trp van nb bv uppg trapport trappor port hiss sekt avd riktning
    färdriktning körriktning väderstreck håll sida väg
    """
)
"""Pronouns, prepositions, adverbs, numerals, days and abbreviations."""

ATTRIBUTES = _words(
    """
    röd röda rött blå blåa blått grön gröna grönt gul gula gult svart vit vita vitt grå gråa grått
    brun bruna brunt beige rosa lila orange silver mörk mörka mörkt ljus ljusa ljust stor stort
    störst större liten litet lilla små mindre minsta högt låg lågt lång långa långt kort korta
    bred breda brett smal smala smalt tjock djup djupt djupa bredare ny nytt nya nyare gammal
    gammalt gamla äldre ung unga yngre ful fin fina stängd stängt stängda öppen öppet öppna tom
    tomt tomma full fullt fulla trasig trasigt trasiga hel sönder löst lösa hal halt hala blöt
    blött våt smutsig farlig farligt farliga okänd okänt okända privat privata allmän allmänna
    allmänt gemensam gemensamma kommunal kommunala uppbruten uppbrutet uppbrutna krossad krossat
    krossade stulen stulet stulna klottrad klottrat parkerad parkerat parkerade ställd ställt
    ställda slängd slängt slängda kastad kastat kastade skadad skadat skadade dumpad dumpat
    dumpade övergiven övergivet övergivna fälld fallen fallet nedfallen nedfallet nedklottrad
    nedskräpat sönderslagen sönderslaget vält vällt omkullvält nedblåst blockerad blockerat
    blockerade avställd avställt inhägnad inhägnat inglasad låst låsta olåst upplyst släckt
    släckta tänd påkörd påkört tappad tappat hittad hittat upphittad upphittat berusad berusade
    påverkad påverkade hotfull aggressiv skrikande störande boende bosatt stillastående stående
    liggande sittande gående cyklande springande körande pågående kommande mötande korsande
    angränsande närliggande motsatt motsatta rak raka sned sneda rund runda ljusblå mörkblå
    ljusgrå mörkgrå vinröd silvergrå svartvit turkos trä plåt betong tegel nergången nerblåst
    nerfallen nerfallet avbruten avbrutet avsågad avsågat sprucken sprucket sprayad målad målat
    avstängd avstängt avstängda uppställd uppställt uppställda uppsatt upphängd fastlåst fastkört
    kvarlämnad kvarlämnat kvarlämnade bortglömd borttappad borttappat läckande brinnande rykande
    livlös medvetslös ensam ensamma äldst yngst stark starkt starka svag dålig dåligt dåliga
    felaktig tydlig extra vanlig vanliga olika eventuell eventuellt misstänkt misstänkta
    sönderslagna vandaliserad utbränd utbränt välta översvämmad översvämmat oplogad oplogat
    osandad halkig halkigt isig isigt lerig leriga över överfull överfulla obevakad obevakat
    igenvuxen igenvuxet skymd skymda dold felparkerad felparkerade felparkerat belägen beläget
    aktuell aktuella ordinarie gällande
    """
)
"""Adjectives and participles: colours, sizes, states."""

VERBS = _words(
    """
    är var varit vara blir blev bli blivit har hade ha haft kan kunde ska skulle vill måste finns
    fanns står stod stå ligger låg ligga sitter satt sitta går gick gå kommer kom komma kör körde
    köra sprang springer springa cyklar cyklade cykla rörde flyr flydde sågs syns hörs hörde
    luktar hängde brinner brann ryker rinner rann läcker läckte droppar bodde hände hänt sker
    skedde skett inträffade inträffat upptäcktes upptäckt anmäls anmäldes ser såg sett hittades
    stals saknas saknades svänger svänga sväng svängde leder ledde passerar passerade fortsätter
    gränsar börjar slutar gäller gällde avser observerades parkerar stannar stannade lämnar
    lämnade lämnades gömde försvann skriker skrek slår slog kastar kastade krossade krossades bröt
    bröts tog iväg avvek avviker stack sticker drog drar promenerade promenerar rullade smet
    smiter jagades fortsatte fortsätta färdades färdas reste backade backar stannat körts hamnat
    hamnade ramlat ramlade fallit föll kört åkt gått sprungit cyklat legat stått suttit lagt
    ställt vaknade hör syntes luktade brunnit brinnande klottrat målat sprayat spruckit rasat
    rasade tappade glömt lämnat gjort gjorde görs visar pekar lutar lutade välte vält blåst
    sipprar stoppade stoppat krockade krockat kolliderade parkerat dumpat eldar eldade spelar
    festar bråkar sover sov vistas uppehåller väntar väntade larmade ringer ringde bedöms behöver
    kräver håller höll vänder vetter vetta ses se
    """
)
"""Verbs of a report's few words."""

ENDS_OF_PARTICIPLES = (
    "erad",
    "erat",
    "erade",
    "erande",
    "liggande",
    "varande",
    "ående",
    "ligt",
    "ifrån",
    "ades",
)
"""How participles end, and no place's name."""

PARTS_OF_A_HOUSE = _words(
    """
    infarten uppfarten ingången entrén porten dörren trappan uppgången nedgången fasaden gaveln
    gården garaget parkeringen tomten taket källaren förrådet grannen granne baksidan framsidan
    fönstret altanen balkongen trädgården staketet grinden brevlådan huset
    """
)
"""`X till Y`: at Y, and not on the way there."""

DISTANCES = _words("bit meter m avstånd stenkast")
"""`X från Y`: near Y, and not coming from there."""
