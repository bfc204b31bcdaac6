"""Common nouns of places and things, in the forms that Swedish gives them.

Those of the first sort end no Swedish place's name, so any word that ends in one is a common noun
too: no village is called something-*hållplats*. Those of the second sort do (Ankarsrum, Kungsgården,
Nybro): they count after a first part that no place begins with. The rest are known as they stand.
What is a place's whole name (Boden, Hallen, Skruv, Trädet, Viken) is in none. General knowledge;
the lists need not be whole, for a word that is in none costs the place and no more.
"""

from services.anonymizer.domain.locating.letters import with_and_without_marks


def _words(text: str) -> frozenset[str]:
    return with_and_without_marks(text.split())


def _formed(stems: str, *endings: str) -> list[str]:
    """The words with each ending: one thing, the thing, things, the things."""
    return [
        word + ending
        for stem in stems.split()
        for word in _words(stem)
        for ending in ("", *endings)
    ]


LAST_PARTS = frozenset(
    [
        *_formed(
            """
            avfart infart utfart påfart nedfart uppfart ingång utgång uppgång nedgång övergång
            undergång parkering skylt lastbil personbil skåpbil husbil elbil husvagn barnvagn
            spårvagn kundvagn släpvagn papperskorg sopkorg öppning belysning byggnad avdelning
            mottagning ställning trottoar terrass altan grind dörr gavel fasad bassäng lastkaj
            sparkcykel elcykel moped motorcykel ledning kabel automat carport rabatt hydrant
            container ramp refug rondell anläggning avspärrning maskin lokal balkong kiosk butik
            affär lägenhet fastighet korridor reception portik servering toalett expedition
            viadukt perrong korsning våning hiss port skorsten tvättmaskin
            """,
            *("en", "n", "ar", "arna", "er", "erna"),
        ),
        *_formed(
            "staket cykelställ skåp kontor galler förråd skjul övergångsställ fordon trapphus",
            *("et", "en", "ena", "e", "na"),
        ),
        *_formed("garage utrymme boende skydd", "t", "et", "n", "en", "na"),
        *_formed(
            """
            trapp lamp gatlykt soptunn brevlåd postlåd sandlåd hängränn garageläng radhusläng tavl
            gräsmatt busskur bussfick
            """,
            *("a", "an", "or", "orna"),
        ),
        *_formed("cykelban gångban körban", "a", "an", "or", "orna"),
        *_words(
            """
            entré entrén entréer entréerna stolpe stolpen stolpar stolparna källare källaren
            källarna hållplats hållplatsen hållplatser hållplatserna vändplan vändplanen vändzon
            vändzonen uppställningsplats parkeringsplats parkeringsplatsen parkeringsplatser
            parkeringsplatserna tunnel tunneln tunnlar containrar containrarna cykel cykeln cyklar
            cyklarna fönster fönstret fönstren fönsterna buskage buskaget
            """
        ),
    ]
)
"""What no Swedish place's or street's name ends in."""

TOWN_LIKE_PARTS = frozenset(
    [
        *_formed("gård hall sal", "en", "ar", "arna"),
        *_formed("hus rum", "et", "en", "men", "met"),
        *_formed("stug skol sid", "a", "an", "or", "orna"),
        *_formed("station restaurang fabrik verkstad", "en", "er", "erna"),
        *_formed("hotell bibliotek apotek", "et", "en"),
        *_words("plan planen planer planerna plats platsen platser platserna center centret"),
    ]
)
"""What places' names end in too, or what is named after places: only after one of the first parts."""

FIRST_PARTS = frozenset(
    _words(
        """
            inner bak fram sop tvätt cykel barnvagns lek skol buss parkerings mil gäst trapp
            fritids ungdoms grann fotbolls idrotts gymnastik mat vinds lägenhets park huvud sido
            port lekplats gång bil rast miljö käll källar hobby förenings fest samlings kvarters
            personal omklädnings dusch pann skate boule tennis ishockey konstgräs gräs grus
            byggarbets arbets last varu lager hyres flerfamiljs flerbostads bostads rad höghus
            punkt kedje affärs kontors ålderdoms sjuk service grupp järnvägs tåg vänt konferens
            mötes klass lärar aktivitets sport simm sim bad kongress server data städ avfalls
            återvinnings lokal kommun stads elev för grund gymnasie rid uppställnings båt bens
            bensin polis brand pump vatten boll bygg entré trafik möbel frys el fläkt gavel gatu
            gårds garage fastighets skydds undervisnings lust växt vagns vindskydds träslöjds
            slöjd grov repar avbytar undercentrals kyl cykelparkerings skräp grovsop post biljett
            ambulans tak
            """
    )
)
"""What makes one thing of them: no Swedish place's name is made of one and a part above."""

ALONE = frozenset(
    [
        *_words(
            """
            gård gården gårdar gårdarna hus huset husen rum rummet rummen plan planen väg vägen
            vägar vägarna stig stigen stigar gatan gator gatorna gränd gränden torg torget park
            parken bron kajen stuga stugan stugor gång gången banan fontän fontänen staty statyn
            skogsdunge skogsdungen skogskant skogskanten skogsbryn skogsbrynet strandkant
            strandkanten vattenbryn vattenbrynet vass vassen gräs gräset gräsyta gräsytan
            gräsplätt grönyta grönytan skogsparti kyrkogård kyrkogården minneslund minneslunden
            koloniområde kolonilott kolonilotten trädgård trädgården trädgårdar häck häcken häckar
            buskar buskarna busken buske bänk bänken bänkar bänkarna parkbänk parkbänken
            parkbänkar allé allén vägg väggen mur muren räcke räcket vägräcke broräcke vägmärke
            brofäste sopkärl sopkärlet kärl kärlet lekpark lekparken skogsväg skogsvägen grusväg
            grusvägen gågata gågatan tvärgata tvärgatan sidogata sidogatan parallellgata
            parallellgatan badplats badplatsen rastplats rastplatsen trafikplats trafikplatsen
            pulkabacke pulkabacken grusplan fotbollsplan fotbollsplanen gästhamn gästhamnen
            småbåtshamn småbåtshamnen båthamn båthamnen cykelbro cykelbron gångbro gångbron
            järnvägsbro järnvägsbron motorväg motorvägen vägbro vägbron räls rälsen spår spåret
            spåren bom bommen bommar fil filen filer kurva kurvan backkrön backkrönet vägskäl
            vägskälet vägport vägren vägrenen vägkant vägkanten dike diket diken dikeskant slänt
            slänten trafikljus trafikljuset rödljus rödljuset fartgupp farthinder gupp guppet hål
            hålet potthål potthålet poller pollare sandlåda sandlådan rutschkana klätterställning
            sjön ån älven kanalen vattnet vatten skogen dungen dunge piren pir scenen scen
            läktaren läktare paviljong paviljongen lusthus verandan veranda balkongräcke sluttning
            sluttningen järnvägen järnväg plattform plattformen träd träden trädgren trädgrenar
            eken tallen björken asken linden lönnen granen almen kastanjen rönnen syrenen rotvälta
            stubbe stubben stenmur stenmuren gärdsgård staketen plank planket grindstolpe husknut
            husknuten knuten gathörn gathörnet husgavel husgaveln elcentral elcentralen central
            fjärrvärme undercentral lastbrygga lastbryggan varumottagning cykelpump pump pumpen
            brunnen brunnar grop gropen dammen kulvert kulverten trumma vägtrumma dagvattenbrunn
            gatsten kantsten kantstenen trappsteg steg stegen stege räcken refug vägbana vägbanan
            körfält körfältet vägarbeten mittlinje övergång spärr spärren spärrar spärrarna kassa
            kassan disken lobby lobbyn foajé foajén uteservering uteserveringen uteplats
            uteplatsen köket kök badrum badrummet sovrum vardagsrum toa toan dusch trapphall
            hisschakt hissdörr kallvind råvind krypgrund stolpe stolpen stolpar tak taket loft
            loftgång loftgången balkongen vind vinden vindar gata gångväg gångvägen gångstig
            gångstigen cykelväg cykelvägen gc-väg viadukten sida sidan sidor ände änden ända ändan
            kant kanten mitten hörnet hörna hörnan baksida baksidan framsida framsidan långsida
            långsidan kortsida kortsidan yta ytan ytor kuren ställ stället bilväg gångfartsområde
            mittremsa mittremsan vajerräcke busstorg
            """
        ),
        *_words(
            """
            bil bilen bilar bilarna båt båten båtar båtarna buss bussen bussar bussarna taxi taxin
            vagn vagnen släp släpet tåg tåget ambulans ambulansen polisbil brandbil traktor
            traktorn grävmaskin skoter fyrhjuling epatraktor färja färjan rullator rullstol
            permobil drönare kanot jolle segelbåt motorbåt vinterdäck däck däcket hjul säcken flak
            lina rep kedja tejp möbel möbler möblerna soffa soffan stol stolar bord madrass
            madrassen kylskåp spis kläder väska väskan väskor ryggsäck plånbok nyckel nycklar
            mobil mobilen telefon dator tv matkasse gungor gungorna karusell linbana bordet
            bänkbord grill grillen grillplats grillplatsen eldstad vindskydd vindskyddet
            anslagstavla informationstavla pant pantmaskin affisch affischer banderoll flagga
            flaggan julgran gran blomlåda blomlådan blomkruka krukor kruka urna papper kartong
            kartonger kylar frys frysen tvättmaskin vitvaror byggsopor byggavfall trädgårdsavfall
            rishög snöhög snöhögen grushög grushögen jordhög sandhög bråte bilbatteri bildäck
            gasol gasolflaska gastub tub fat tunna tunnor plastpåse påse påsar kasse kassar spruta
            sprutor kanyler kanyl flaskor flaska burkar fyrverkeri fyrverkerier smällare raketer
            vapen kniv pistol cykelhjälm hjälm jacka jackan pengar kort pass smycken verktyg
            bensin diesel spill oljespill skräp skräpet sopor soporna avfall grovsopor glas glaset
            krossglas röken eld elden brand branden lukt lukten ljud ljudet musik musiken buller
            oljud läcka läckan vattenläcka olja oljan vätska snö snön is isen grus gruset asfalt
            asfalten jord lera löv löven gren grenar stenar block röret stuprör avlopp avloppet
            brunnslock lock locket lampan ljus ljuset lyse lyset lås låset kodlås portkod
            porttelefon fläkt fläkten larm larmet nummer nummerskylt klotter klottret graffiti
            skada skadan inbrott stöld bråk slagsmål
            """
        ),
        *_words(
            """
            man mannen män männen kvinna kvinnan kvinnor pojke pojken pojkar flicka flickan
            flickor barn barnet barnen kille killen killar tjej tjejen tjejer tonåring tonåringar
            ungdom ungdomar ungdomarna ungdomsgäng gäng gänget folk person personen personer
            personerna grupp gruppen personal personalen granne grannen grannar grannarna
            hyresgäst hyresgäster ägare ägaren förare föraren cyklist cyklister fotgängare bilist
            besökare kund kunder elev elever äldre dam damen herre herren ungdomsgrupp folksamling
            kompis kompisar sambo exman bekant son dotter mamma pappa familj familjen förälder
            föräldrar personbil elscooter elsparkcykel elsparkcykeln elsparkcyklar sparkcyklar
            motorcyklar lastbilar lastbilen husvagnar parkeringsvakt chaufför vakt vakten väktare
            polis polisen räddningstjänsten hund hunden hundar katt katten katter häst hästar
            rådjur älg vildsvin fågel fåglar råttor getingbo
            """
        ),
        *_words(
            """
            vårdcentral vårdcentralen sjukhus sjukhuset akuten tandläkare läkare dagis dagiset
            förskolan skola skolan skolor aula aulan skatepark elljusspår elljusspåret ica coop
            willys lidl hemköp pressbyrån systembolaget köpcentrum köpcentret galleria gallerian
            varuhus varuhuset pizzerian frisören krog krogen pub puben bar baren bageri bageriet
            konditori blomsterbutik macken biltvätt laddstolpe post posten ombud bank banken
            fabrik fabriken lagret industri verkstad verkstaden bilverkstad byggplats byggplatsen
            bygge bygget vägarbete vägarbetet pumpstation vattentorn vattentornet reningsverk
            återvinningscentral återvinningscentralen soprum moské moskén kapell kapellet
            församlingshem församlingshemmet fritidsgård fritidsgården terminal terminalen
            bussterminal bussterminalen resecentrum tunnelbana tunnelbanan centrum centrumet
            kvarter kvarteret trakt trakten villa villan villor villaområde villaområdet bostad
            bostaden bostäder radhuslänga länga längan koja kojan tält tältet barack baracken
            baracker uthus uthuset friggebod tomt tomten tomtgräns gräns gränsen läge läget håll
            del delen slut slutet början utkant utkanten höjd nivå botten topp toppen rad raden
            kommunhuset stadshuset rådhuset polishuset brandstationen gym gymmet
            """
        ),
    ]
)
"""Nouns that are known as they stand."""
