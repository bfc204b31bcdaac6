"""No town or village of Sweden is one of the words that describe, whoever writes it how."""

from services.anonymizer.domain.locating.descriptions import is_description
from services.anonymizer.domain.locating.letters import fold
from services.anonymizer.domain.locating.spelling import words_of

PLACES = """
Abborrberget Adelsö Aldersbro Alfta Alingsås Almunge Alnö Alsike Alster Alsterbro Alvesta Alvik Ambjörnarp
Anderstorp Ankarsrum Ankarsvik Anneberg Annelund Arbrå Ardala Arentorp Arkelstorp Arlöv Arvidsjaur Arvika
Aspås Avesta Axmar Axvall Backa Backaryd Baggetorp Bankekind Bankeryd Bara Barkarö Barsebäckshamn
Basttjärn Beddingestrand Berg Bergby Bergeforsen Berghem Bergkvara Bergsjö Bergshamra Bergvik Billdal
Billeberga Billesholm Billingsfors Billsta Bjursås Bjärnum Bjärred Bjästa Björbo Björboholm Björka Björke
Björklinge Björkvik Björkö Björna Björneborg Björnlunda Blackstalund Bleket Blentarp Blidsberg Blikstorp
Blomstermåla Blästorp Bockara Boda Bodafors Boden Boholmarna Boliden Bollebygd Bollnäs Bollstabruk
Bomhus Bonäs Bor Borensberg Borggård Borgholm Borghamn Borgstena Borlänge Borrby Bosnäs Bottnaryd Bovallstrand
Boxholm Brandstorp Brastad Bredared Bredaryd Bredbyn Bredsand Bredsjö Brevik Brevikshalvön Broaryd Broby
Broddetorp Brokind Bromölla Brottby Brunflo Brunn Brunna Brunskog Bräcke Bräkne-Hoby Brålanda Brösarp Bua
Bullmark Bureå Burgsvik Burlövs Burträsk Bygdeå Byske Byxelkrok Båstad Bålsta Båtskärsnäs Bäckefors
Bäckhammar Bällstalund Bärby Dalarö Dals Dalsjöfors Dalum Danholn Dannemora Deje Delary Delsbo Diseröd
Djura Djurås Docksta Dorotea Drängsered Dunö Duved Dyltabruk Dvärsätt Ed Edsbro Edsbruk Edsbyn Edsele
Edsvalla Ekeby Ekenässjön Ekerö Eket Ekshärad Eksjö Ekängen Eldsberga Emmaboda Emmaljunga Enånger Ersmark
Ervalla Everöd Fagerhult Fagersanna Fagersta Falerum Falkenberg Falköping Falun Fanbyn Finja Finkarby
Finnerödja Finspång Fisksätra Fjugesta Fjälkinge Fjällbacka Flen Flisby Floby Floda Flyinge Forsa Forsbacka
Forsby Forserum Forsheda Forssjö Forsvik Fotö Fridlevstad Friggesund Fristad Fritsla Frufällan Främmestad
Fröseke Frösåker Frövi Funäsdalen Furusjö Furuvik Furudal Fågelfors Fågelmara Fågelvikshöjden Fårösund
Fåker Fällfors Färila Färjestaden Färlöv Föllinge Gagnef Gamleby Gantofta Garphyttan Gemla Genarp Genevad
Gesunda Getinge Gideå Gimo Gislaved Glanshammar Glemmingebro Glimåkra Glommen Glommersträsk Glumslöv
Gnarp Gnesta Grebbestad Grebo Grillby Grimslöv Grimsås Grisslehamn Grums Grundsund Grycksbo Grythyttan
Gråbo Grängesberg Gränna Grästorp Gualöv Gullbrandstorp Gullringen Gullspång Gunnarn Gunnarskog Gunsta
Gusselby Gustavsberg Gyttorp Gånghester Gårdby Gårdsjö Gårdskär Gårdstånga Gällstad Gällö Gärsnäs Gävle
Habo Hagby Hagfors Haga Hagge Hallabro Hallen Hallsberg Hallstavik Halltorp Halvarsgårdarna Hamburgsund
Hammar Hammarby Hammarstrand Hammenhög Hampetorp Hanaskog Haparanda Harads Harbo Hargshamn Harmånger
Harplinge Havdhem Heby Hede Hedekas Hedemora Hedesunda Helsingborg Hemmesta Hemse Hestra Hillerstorp Hindås
Hishult Hissmofors Hittarp Hjortkvarn Hjorted Hjortsberga Hjälteby Hjärup Hofors Hogstad Hok Holm Holmsund
Holmsveden Holsbybrunn Horda Hornborga Horn Horndal Hortlax Hova Hovid Hovmantorp Hovsta Hudiksvall Huskvarna
Hult Hultafors Hultsfred Hunnebostrand Hurva Husum Huså Hyltebruk Hyssna Håbo Håksberg Hållsta Hånger
Häggeby Häljarp Hällaryd Hällbybrunn Hällevik Hällnäs Hälsö Härad Härnösand Härryda Härslöv Häverödal Höganäs
Hög Högsby Högsjö Höja Hökerum Hököpinge Höllviken Hölö Hönö Hörby Hörja Hörnefors Hörvik Höviksnäs
Iggesund Immeln Indal Ingared Ingelstad Innertavle Insjön Jonsered Jonslund Jordbro Jung Junsele Juoksengi
Jämshög Järbo Järlåsa Järna Järnforsen Järpen Järpås Järvsö Jät Jättendal Kalix Kallinge Karby Kareby
Karesuando Karlsborg Karlsvik Karungi Kattarp Katthammarsvik Kil Kilafors Killeberg Kimstad Kinna Kinnared
Kiruna Kisa Kivik Klavreström Klintehamn Klippan Klippans Klövedal Klågerup Klockestrand Knivsta Knäred Knäppinge
Kolbäck Kolsva Konga Kopparberg Kopparmora Korpilombolo Korskrogen Korsberga Kosta Kovland Kramfors Kristdala
Kristvallabrunn Krokek Krokom Krokslätt Kroppa Krylbo Kullavik Kumla Kungsgården Kungshamn Kungsäter Kungsör
Kvarnby Kvibille Kvicksund Kvidinge Kvillsfors Kvissleby Kyrkhult Kyrkheddinge Kågeröd Kållered Kårsta Kälarne
Källby Källö-Knippla Källviken Kärda Kärna Kärsta Kättilsmåla Kättilstorp Kävlinge Kölsillre Köping Köpingsbro
Köpmanholmen Lagan Laholm Landsbro Landvetter Lanesund Lanna Lindome Lekeryd Leksand Lenhovda Lerberget
Lerdala Lerkil Lerum Lessebo Liatorp Lidhult Lidingö Liden Likenäs Edet Lillkyrka Limmared Linderöd Lindö
Linghed Linghem Linneryd Linsell Listerby Ljugarn Ljungaverk Ljungby Ljungsarp Ljungsbro Ljungskile
Ljungsjömåla Ljusdal Ljusfallshammar Ljusne Loftahammar Lomma Los Lotorp Lottefors Lucksta Ludvigsborg
Lugnås Lugnvik Lund Lunde Lunden Lundsbrunn Lycke Lyrestad Lysekil Lyckeby Långasjö Långsele Långshyttan
Långvik Långviksmon Långås Läckeby Länghem Länna Lärbro Löberöd Löddeköpinge Löderup Lödöse Löttorp Lövstabruk Lövånger Löa
Malmslätt Malmö Malung Malå Mantorp Marbäck Mark Marieholm Marma Marmaskogen Marmaverken Matfors Mehedeby Mellansel Mellbystrand
Mellösa Mockfjärd Mogata Mohed Moheda Mora Morgongåva Morup Moskosel Motala Mullhyttemo Mullsjö Munga Munka-Ljungby
Munkedal Munktorp Muskö Myckle Myrviken Målerås Målilla Målsryd Målsånger Mårdaklev Månkarbo Månsarp Märsta Möklinta
Mölle Mölltorp Mölnbo Mölnlycke Mönsterås Mörarp Mörbylånga Mörlunda Mörrum Mörsil Nikkala Nissafors Nittorp Njurunda
Njutånger Nogersund Nolby Nora Norberg Nordmaling Norje Norr Amsberg Norrhult Norrskedika Norrsundet Nossebro
Nusnäs Nyhammar Nyhamn Nykil Nykroppa Nykvarn Nykyrka Nyland Nynäshamn Nyvång Nås Nälden Näs Nässjö Nättraby Obbola
Ockelbo Odensbacken Odensberg Olofstorp Olsfors Olshammar Orrefors Orrviken Orsa Osby Oskar-Fredriksborg Oviken
Oxie Oxelösund Paskallavik Perstorp Persberg Pilgrimstad Piteå Pixbo Prässebo Påarp Pålsboda Påryd Ramdala
Ramnäs Ramsele Ramsberg Ramvik Ransta Rappestad Reftele Rejmyre Repbäcken Resarö Revsund Riala Rimbo Rimforsa
Rinkaby Ringarum Ripa Roknäs Rolfstorp Rolsberga Roma Ronneby Rosenfors Rosersberg Rossön Rosvik Rot Rottne
Rottneros Ruda Rundvik Runhällen Rydaholm Rydal Rydebäck Rydboholm Rydsgård Rydsnäs Rydöbruk Rånnaväg Råneå
Rångedala Råå Räng Ränneslöv Rättarboda Rättvik Rävlanda Rävemåla Röbäck Rödbo Röfors Röke Rök Rönninge Rönnäng
Rörvik Rörö Röstånga Rövarp Sala Salbohed Saltsjöbaden Sandared Sandarne Sandby Sandhem Sandhult Sandskogen
Sandsjöfors Sandslån Sandviken Sandvad Sannahed Saxdalen Saxtorpsskogen Segersta Segmon Selja Sennan Septemberg
Sexdrega Sibbhult Sibo Sikeå Sikfors Siljansnäs Silverdalen Simlångsdalen Simonstorp Sjuntorp Sjöbo Sjöbefästet
Sjödiken Sjögestad Sjömarken Sjörröd Sjösa Sjötofta Sjövik Skanör Skara Skattkärr Skebobruk Skeda Skedala
Skegrie Skepplanda Skeppshult Skillingaryd Skillinge Skoghall Skogstorp Skogsby Skottorp Skrea Skruv
Skultorp Skultuna Skummeslövsstrand Skurup Skutskär Skyttorp Skånes Fagerhult Skåre Skälderviken Skänninge Skärblacka
Skärhamn Skärplinge Slite Slottsskogen Slottsbron Sluten Smedby Smedjebacken Smedstorp Smygehamn Smålandsstenar
Snöveltorp Sollebrunn Sollefteå Solberga Sommen Sorunda Sparreholm Sparrsätra Spekeröd Stallarholmen Stava Stavsjö
Stavsnäs Stehag Stenhamra Steninge Stenkullen Stensele Stenstorp Stigtomta Stjärnhov Stockamöllan Stockaryd
Stockvik Dyrön Storebro Storfors Storuman Storvik Storvreta Storå Strandhugget Strålsnäs Stråssa Strängsered
Strömma Strömsbruk Strömsfors Strömsholm Studsvik Sturkö Stugun Styrsö Stånga Ställdalen Stöcke Stöde Stöllet
Stöpen Sund Sundborn Sundby Sundhultsbrunn Sundsbruk Surte Svalsta Svaneholm Svanesund Svappavaara Svartbyn Svartvik
Svartå Svedala Sveg Svenstavik Svinhult Svängsta Svärdsjö Svärtinge Sya Synsjö Sågen Sågmyra Sätila Säter Sätrabrunn
Sävar Säve Sävja Söderfors Södra Sandby Sölje Sölvesborg Sörbo Sörberge Sörforsa Sörmjöle Sörstafors Söråker
Tahult Tallvik Tallåsen Tandsbyn Tanumshede Tavelsjö Teckomatorp Tegelstrand Tenhult Tibro Tidan Tidaholm Tierp
Tillberga Timmele Timmersdala Timmernabben Timrå Timsfors Tjuvkil Tjällmo Tjörnarp Tobo Tofta Tollarp Tollered
Torekov Tormestorp Torna Hällestad Torpsbruk Torpshammar Torsåker Tortuna Torup Tosseryd Tranemo Tranås Traryd
Tråvad Trädet Trehörningsjö Trelleborg Triangeln Trulsegården Trosa Trollhättan Trönninge Tungelsta Tun Tunadal
Tvååker Tving Tvärålund Tvärskog Tyfors Tygelsjö Tyllinge Tystberga Tyringe Täfteå Tällberg Tänndalen Täng Tärnsjö
Tävelsås Töcksfors Töllsjö Töre Töva Ucklum Uddebo Uddeholm Uddheden Ullared Ullatti Ullervad Ulrika Ulvkälla
Undenäs Undersåker Undrom Unnaryd Urshult Ursviken Utansjö Utby Utvälinge Vad Vadstena Vagnhärad Valbo Valdemarsvik
Valje Valla Vallargärdet Vallda Vallentuna Vallsta Vallvik Vallåkra Valskog Vammarhöjden Vanneberga Vankiva
Vannsätter Vansbro Vaplan Vara Varberg Varekil Vargön Varnhem Vartofta Vassmolösa Vassbotten Vattholma Vattjom
Vattnäs Vattubrinken Vaxholm Veberöd Veddige Vedevåg Vedum Vegby Veinge Vejbystrand Vellinge Vemdalen Vena Vessigebro
Vi Viken Vikingstad Vikmanshyttan Viksjöfors Viksäter Villshärad Vilshult Vinberg Vindeln Vingåker Vinninga
Vinnö Vinslöv Vintrosa Vintrie Virserum Visby Viskafors Viskinge Vislanda Vissefjärda Vitaby Vittangi
Vittaryd Vittinge Vittjärv Vittsjö Vitvattnet Voxna Vollsjö Vrena Vretstorp Vrigstad Vuollerim Vårdsätra
Vårgårda Vånga Våxtorp Väckelsång Väderstad Väggarp Vällingby Väring Väröbacka Väse Väskinde Västerljung Västermyckeläng
Västerlösa Väte Växjö Ytterby Ytterhogdal Yttersjö Ystad Åby Åbytorp Åhus Åkarp Åker Åkersberga Åled Ålem
Åmot Åmotfors Åmsele Åmynnet Ånge Ångaröd Åre Årnäs Åryd Årsunda Ås Åsa Åsarna Åsarp Åsbro Åseda Åsele Åsen Åsensbruk
Åshammar Åsljunga Åsmon Åstol Åstorp Åtorp Åtvidaberg Älandsbro Älghult Älgarås Älmeboda Älmhult Älmsta Älta
Älvdalen Älvkarleby Älvnäs Älvsered Älvsbyn Ängelholm Änge Ängsholmen Äppelbo Ärla Ärtemark Äsperöd Öbonäs Ödeborg
Ödeshög Ödsmål Ödåkra Öggestorp Öjersjö Öjebyn Öllsjö Ölmanäs Ölmbrotorp Ölsta Öregrund Örby Örbyhus Örnsköldsvik
Örsjö Örslösa Örsundsbro Örtofta Örviken Ösmo Östadkulle Österbymo Österforse Österskär Östervåla Östhammar
Överhörnäs Överkalix Överlida Övertorneå Överum Överkovland Öxabäck Öxeryd
"""
IN_CITIES = "Backen Hagen Hamnen Heden Höjden Kullen Kvarnbyn Lunden Marken Näset Stranden Udden Ängen Öster"


def test_no_place_is_a_word_that_describes() -> None:
    taken = [
        written
        for name in (PLACES + IN_CITIES).split()
        for written in (name.casefold(), fold(name.casefold()))
        if is_description(words_of(written), 0, frozenset())
    ]
    assert taken == []
