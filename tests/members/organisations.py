"""Made-up but plausible Lithuanian organisations and news, over which the search's table of queries is run.

The first ones are written by hand: name | legal name | kind | municipality | offers | seeks | summary (Lithuanian) |
summary (English). The rest fill the house with look-alikes, the same ones every time.
"""

from members.models import Area, Member
from news.models import Post
from tests.factories import company_code

HAND = """
BaltLed|UAB „BaltLed“|company|20|LED šviestuvai, gatvių apšvietimas|optiniai lęšiai|Kuriame ir gaminame šviestuvus miestams ir gamykloms.|Luminaires for cities and factories.
Aedilis|UAB „Aedilis“|company|15|metalinės konstrukcijos, suvirinimas|dažymo paslaugos|Gaminame ir montuojame plieno karkasus.|Steel structures and welding.
Pažangios inovacijos|UAB „Pažangios inovacijos“|company|57|inovacijų konsultacijos, projektų valdymas|gamybos partneriai|Padedame gamintojams diegti skaitmenines technologijas.|Digital transformation of factories.
Prezicika Metrology|UAB „Prezicika Metrology“|company|15|kalibravimas, tikslūs matavimai|etalonai|Matavimų ir kalibravimo paslaugos pramonei.|Metrology laboratory and calibration services.
Proftools|UAB „Proftools“|company|43|pjovimo įrankiai, įrankių galandimas|frezavimo darbai|Įrankiai metalo apdirbėjams.|Cutting tools for metalworking.
Marijampolės LEZ|UAB „Marijampolės laisvosios ekonominės zonos valdymo bendrovė“|company|25|pramoniniai sklypai|investuotojai|Laisvoji ekonominė zona prie „Via Baltica“.|A free economic zone for foreign investors.
Kauno technologijos institutas|VšĮ „Kauno technologijos institutas“|institution|15|taikomieji tyrimai, bandymai|įmonės bandomiesiems projektams|Mokslo tyrimai medžiagų ir gamybos srityse.|Applied research in materials.
Vilniaus lazerių centras|VšĮ „Vilniaus lazerių centras“|institution|57|lazerių tyrimai, lazerinis žymėjimas|pramonės užsakymai|Femtosekundiniai lazeriai mokslui ir pramonei.|Femtosecond lasers for science and industry.
Šiaulių stiklas|UAB „Šiaulių stiklas“|company|43|stiklo pjovimas, grūdintas stiklas|stiklo krosnys|Stiklas statyboms ir baldams.|Glass for buildings and furniture.
Žalia pieva|Ž. ūkio kooperatyvas „Žalia pieva“|other|19|ekologiškas pienas|šaldymo įranga|Pieno ūkių kooperatyvas.|A cooperative of dairy farms.
Alfa-Techno 3D|MB „Alfa-Techno 3D“|company|32|3D spausdinimas, prototipai|CAD inžinieriai|Greiti prototipai iš plastiko ir metalo.|Rapid prototyping and additive manufacturing.
Nemuno plastikas|UAB „Nemuno plastikas“|company|02|plastiko liejimas, liejimo formos|perdirbtas plastikas|Liejame plastikines detales serijomis.|Injection moulding of plastic parts.
Dzūkijos mediena|UAB „Dzūkijos mediena“|company|55|medienos džiovinimas, pjautinė mediena|baldų gamintojai|Mediena iš Dzūkijos miškų.|Sawn timber from southern Lithuania.
Robotų diegimo grupė|UAB „Robotų diegimo grupė“|company|15|robotų diegimas, gamybos linijų automatizavimas|suvirinimo inžinieriai|Diegiame robotus suvirinimui ir krovai.|Industrial robots and automation.
Baltijos jutikliai|UAB „Baltijos jutikliai“|company|57|slėgio jutikliai, daiktų interneto moduliai|spausdintinės plokštės|Jutikliai pramonei ir energetikai.|Sensors for industry and energy.
Elektronikos fabrikas „Vilkas“|UAB „Vilkas“|company|32|spausdintinės plokštės, elektronikos surinkimas|mikroschemos|Elektronikos surinkimas pagal užsakymą.|Contract electronics manufacturing.
Klaipėdos jūrų parkas|VšĮ „Klaipėdos jūrų mokslo ir technologijų parkas“|institution|20|inkubavimas, laboratorijos|startuoliai|Vieta jūrinėms technologijoms augti.|A science park for marine technologies.
Kretingos baldai|UAB „Kretingos baldai“|company|22|minkšti baldai, korpusiniai baldai|gobelenas|Baldai namams ir viešbučiams.|Upholstered and cabinet furniture.
Utenos mezginiai|AB „Utenos mezginiai“|company|54|trikotažo gaminiai, siuvimas|verpalai|Trikotažas iš natūralių pluoštų.|Knitwear of natural fibres.
Ąžuolo langai|UAB „Ąžuolo langai“|company|51|mediniai langai, durys|medienos džiovinimas|Langai ir durys pagal užsakymą.|Wooden windows and doors.
Čiobrelis|MB „Čiobrelis“|company|04|žolelių arbatos|pakuotės|Renkame ir džioviname vaistažoles.|Herbal teas.
Sūduvos mėsa|UAB „Sūduvos mėsa“|company|56|mėsos gaminiai|šaldymo įranga|Mėsos perdirbimas Suvalkijoje.|Meat processing.
Žemaitijos pieninė|AB „Žemaitijos pieninė“|company|51|varškė, fermentinis sūris|pakavimo linijos|Sūriai ir varškė.|Cheese and curd.
Kėdainių konservai|UAB „Kėdainių konservai“|company|18|konservuotos daržovės|stiklainiai|Daržovių konservavimas nuo 1962 metų.|Canned vegetables.
Panevėžio staklės|UAB „Panevėžio staklės“|company|32|staklių remontas, frezavimo darbai|staklių dalys|Remontuojame ir modernizuojame stakles.|Machine tool repair.
Mažeikių chemija|UAB „Mažeikių chemija“|company|26|tirpikliai, klijai|pakuotės chemijai|Pramoninė chemija.|Industrial chemicals and adhesives.
Jonavos trąšos|AB „Jonavos trąšos“|company|10|azoto trąšos|logistika|Trąšos žemės ūkiui.|Nitrogen fertilisers.
Akmenės kalkės|AB „Akmenės kalkės“|company|01|kalkės, cementas|kelių tiesėjai|Rišamosios medžiagos statybai.|Lime and cement.
Tauragės maistas|UAB „Tauragės maistas“|company|50|šaldyti pusgaminiai|grūdai|Koldūnai ir blyneliai.|Frozen food.
Visagino elektronika|UAB „Visagino elektronika“|company|59|kabelių komplektavimas|elektronikos inžinieriai|Kabelių rinkiniai automobiliams.|Cable harnesses.
Plungės ploteliai|UAB „Plungės ploteliai“|company|35|duonos gaminiai|miltai|Lino sėmenų ploteliai ir duona.|Bread and crackers.
Šilutės durpės|UAB „Šilutės durpės“|company|46|durpių substratai|maišai|Substratai daigynams.|Peat substrates.
Radviliškio vagonai|UAB „Radviliškio vagonai“|company|37|vagonų remontas|plieno lakštai|Geležinkelio vagonų remontas.|Railway wagon repair.
Druskininkų aqua|UAB „Druskininkų aqua“|company|07|vandens filtrai|membranos|Vandens valymo įranga.|Water treatment equipment.
Elektrėnų energija|UAB „Elektrėnų energija“|company|08|šilumos siurbliai, saulės elektrinės|montuotojai|Atsinaujinanti energetika pramonei.|Heat pumps and solar plants.
Ukmergės tekstilė|UAB „Ukmergės tekstilė“|company|53|techninė tekstilė|poliesterio siūlai|Audiniai filtrams ir tentams.|Technical textiles.
Biržų alus|UAB „Biržų alus“|company|06|alus, gira|salyklas|Alus pagal Aukštaitijos tradicijas.|Beer and kvass.
Rokiškio mašinos|UAB „Rokiškio mašinos“|company|40|žemės ūkio padargai|hidraulika|Padargai žemės ūkiui.|Agricultural machinery.
Kazlų Rūdos plokštės|AB „Kazlų Rūdos plokštės“|company|17|medžio drožlių plokštės|medienos atliekos|Plokštės baldų pramonei.|Particle boards.
Prienų dirbtuvės|MB „Prienų dirbtuvės“|company|36|kalvystė|plienas|Kalviai ir dailininkai.|Blacksmiths.
Neringos žuvis|UAB „Neringos žuvis“|company|28|rūkyta žuvis|žvejai|Rūkome marių žuvį.|Smoked fish.
Trakų keramika|UAB „Trakų keramika“|company|52|keraminės plytelės|molis|Keramika interjerui.|Ceramic tiles.
Šakių sėklos|UAB „Šakių sėklos“|company|41|sėklos, grūdų valymas|sandėliai|Sertifikuotos javų sėklos.|Certified seeds.
Jurbarko laivai|UAB „Jurbarko laivai“|company|12|valčių gamyba|stiklo pluoštas|Valtys ir kateriai.|Boats.
Raseinių žvakės|MB „Raseinių žvakės“|company|38|žvakės|vaškas|Žvakės bažnyčioms ir namams.|Candles.
Zarasų ledai|UAB „Zarasų ledai“|company|60|ledai|pienas|Ledai iš vietinio pieno.|Ice cream.
Molėtų optika|UAB „Molėtų optika“|company|27|optiniai lęšiai, teleskopai|optinis stiklas|Tikslioji optika astronomijai.|Precision optics.
Lazdijų grybai|UAB „Lazdijų grybai“|company|24|džiovinti grybai|rinkėjai|Grybai ir uogos.|Mushrooms and berries.
Via Baltica logistika|UAB „Via Baltica logistika“|company|25|krovinių pervežimas, sandėliavimas|vilkikų vairuotojai|Logistika tarp Lenkijos ir Estijos.|Logistics and warehousing.
Lietuvos pramonės sąjunga|Lietuvos pramonės sąjunga|other|57|atstovavimas|nariai|Vienija pramonės įmones.|An association of manufacturers.
Vilniaus inžinerijos kolegija|VšĮ „Vilniaus inžinerijos kolegija“|institution|57|inžinierių rengimas|praktikos vietos|Rengiame technologus ir inžinierius.|A college of engineering.
Šiaulių profesinio rengimo centras|VšĮ „Šiaulių profesinio rengimo centras“|institution|43|suvirintojų kursai, CNC operatorių mokymai|meistrai|Darbuotojų mokymas ir perkvalifikavimas.|Vocational training.
Kauno gynybos klasteris|Asociacija „Kauno gynybos klasteris“|other|15|bendri projektai|gynybos pramonės įmonės|Gynybos ir saugumo įmonių tinklas.|A defence industry cluster.
Gintaro slėnis|VšĮ „Gintaro slėnis“|other|31|gintaro dirbiniai, dizainas|juvelyrai|Gintaro meistrų bendrija.|Amber crafts.
Skaitmeninė gamykla|UAB „Skaitmeninė gamykla“|company|57|MES programinė įranga, duomenų analizė|gamybos įmonės|Gamybos valdymo programos.|Manufacturing execution software.
Dirbtinio intelekto laboratorija|VšĮ „Dirbtinio intelekto laboratorija“|institution|15|kompiuterinė rega, kokybės kontrolė|duomenys|Vaizdų analizė gamyboje.|Computer vision for quality control.
Kibernetinis skydas|UAB „Kibernetinis skydas“|company|57|kibernetinė sauga, auditas|energetikos įmonės|Apsauga nuo kibernetinių atakų.|Cyber security for industry.
Žaliasis kuras|UAB „Žaliasis kuras“|company|22|biokuras, medžio granulės|medienos atliekos|Granulės katilinėms.|Wood pellets.
Perdirbimo ratas|UAB „Perdirbimo ratas“|company|16|perdirbtas plastikas, atliekų tvarkymas|plastiko atliekos|Plastikas antram gyvenimui.|Plastic recycling.
Vandenilio energetika|UAB „Vandenilio energetika“|company|20|vandenilio įranga|elektrolizeriai|Vandenilio technologijos uostui.|Hydrogen technology.
Baltic Precision|UAB „Baltic Precision“|company|16|CNC tekinimas, CNC frezavimas|aliuminio ruošiniai|Tiksliosios detalės aviacijai.|Precision parts for aviation.
Nordic Metal Works|UAB „Nordic Metal Works“|company|18|lakštinio metalo lankstymas, lazerinis pjovimas|cinkavimas|Lakštinio metalo gaminiai.|Sheet metal products.
Cinko linija|UAB „Cinko linija“|company|10|karštasis cinkavimas|vežėjai|Cinkuojame metalo gaminius.|Hot-dip galvanising.
Miltelinis dažymas LT|MB „Miltelinis dažymas“|company|44|miltelinis dažymas, dažymo paslaugos|metalo gaminiai|Dažome metalą.|Powder coating.
D. Petraičio dirbtuvė|D. Petraičio įmonė|company|49|laikrodžių taisymas|krumpliaračiai|Laikrodžiai ir mechanizmai.|Clockmaker.
UAB „Geležinis vilkas ir Ko“|UAB „Geležinis vilkas ir Ko“|company|42|tvoros, vartai|virintojai|Metalinės tvoros.|Fences and gates.
Pakuočių pasaulis|UAB „Pakuočių pasaulis“|company|15|gofruotas kartonas, pakuotės|makulatūra|Pakuotės maistui ir technikai.|Corrugated packaging.
Spaudos namai „Titnagas“|AB „Titnagas“|company|43|spausdinimas, etiketės|popierius|Spaustuvė.|Printing house.
Aukštaitijos lynai|UAB „Aukštaitijos lynai“|company|40|lynai, virvės|pluoštai|Virvės laivams.|Ropes.
Saulės vėjas|UAB „Saulės vėjas“|company|20|vėjo jėgainių priežiūra|alpinistai|Vėjo jėgainių techninė priežiūra.|Wind turbine maintenance.
Biotechnologijų sala|UAB „Biotechnologijų sala“|company|57|fermentai, baltymų inžinerija|mikrobiologai|Fermentai maisto pramonei.|Enzymes and protein engineering.
Vaistų laboratorija „Gija“|UAB „Gija“|company|15|maisto papildai|žaliavos|Vitaminai ir papildai.|Food supplements.
Medicinos prietaisai Baltija|UAB „Medicinos prietaisai Baltija“|company|57|ortopediniai implantai|titanas|Implantai ir protezai.|Orthopaedic implants.
Guminė detalė|UAB „Guminė detalė“|company|02|gumos gaminiai, tarpinės|kaučiukas|Tarpinės ir gumos detalės.|Rubber seals.
Varikliai ir siurbliai|UAB „Varikliai ir siurbliai“|company|33|elektros varikliai, siurblių remontas|variniai laidai|Pervyniojame variklius.|Electric motor repair.
Drono akis|MB „Drono akis“|company|57|dronai, aerofotografija|baterijos|Dronai pramonės apžiūroms.|Drones for industrial inspection.
Kompozitų slėnis|UAB „Kompozitų slėnis“|company|36|anglies pluošto detalės|dervos|Kompozitai sklandytuvams.|Carbon fibre composites for gliders.
Akumuliatorių technologijos|UAB „Akumuliatorių technologijos“|company|15|ličio baterijos|elementai|Energijos kaupikliai.|Lithium batteries and storage.
Šviesos srautas|UAB „Šviesos srautas“|company|57|optinis pluoštas, šviesolaidžiai|kabelių klojėjai|Ryšių tinklai.|Fibre optics.
Langų meistras|MB „Langų meistras“|company|20|plastikiniai langai|stiklo paketai|Langai per savaitę.|Plastic windows.
Betono menas|UAB „Betono menas“|company|32|betono gaminiai, trinkelės|žvyras|Trinkelės ir plokštės.|Concrete products.
Kopa|UAB „Kopa“|company|28|smėlio lietiniai|ketus|Liejiniai smėlio formose.|Sand castings.
Lietus|MB „Lietus“|company|54|lietaus surinkimo sistemos|latakai|Stogų latakai.|Gutters.
Ėglis|MB „Ėglis“|company|35|mediniai žaislai|dažai vaikams|Žaislai vaikams.|Wooden toys.
Ūla|MB „Ūla“|company|55|kanoja, baidarės|dervos|Baidarių gamyba.|Canoes and kayaks.
Įkvėpimas|MB „Įkvėpimas“|company|57|pramoninis dizainas|gamintojai|Gaminių dizainas.|Industrial design.
Švarus oras|UAB „Švarus oras“|company|16|vėdinimo sistemos, filtrai|ventiliatoriai|Oro valymas gamyklose.|Air filtration.
Kranai LT|UAB „Kranai LT“|company|20|kranų nuoma, keltuvai|operatoriai|Kėlimo įranga.|Cranes and hoists.
Automobilių dalys „Ratas“|UAB „Ratas“|company|43|stabdžių diskai|ketaus liejiniai|Automobilių dalių gamyba.|Brake discs.
Vilniaus Gedimino universitetas|VšĮ „Vilniaus Gedimino universitetas“|institution|57|tyrimai, studijos|stažuotės|Inžinerinės studijos.|University of engineering.
"""

ROOTS = [
    "Granitas", "Vėtra", "Aušra", "Žaibas", "Perkūnas", "Lūšis", "Sėkmė", "Ėriukas", "Šatrija", "Rasa", "Mituva",
    "Venta", "Minija", "Dubysa", "Nevėžis", "Merkys", "Jūra", "Šešupė", "Bartuva", "Strėva",
]  # fmt: skip
TRADES = [
    ("statyba", "gelžbetonio konstrukcijos"), ("autoservisas", "sunkvežimių priežiūra"),
    ("skardos", "skardos lankstymas"), ("kepykla", "šakočiai"), ("siuvykla", "darbo drabužiai"),
    ("spaustuvė", "brošiūros"), ("baldai", "virtuvės baldai"), ("metalas", "metalo tekinimas"),
    ("plienas", "nerūdijančio plieno talpos"), ("mediena", "lentų obliavimas"), ("elektra", "elektros skydai"),
    ("pakuotė", "polietileno plėvelė"),
]  # fmt: skip

POSTS = """
Klasteris paroda Hanoveryje|Cluster at the Hannover fair|Nariai pristatė gaminius pramonės mugėje.|Members showed products at the trade fair.
Nauji vandenilio standartai|New hydrogen standards|Seminaras apie vandenilio saugą.|A seminar on hydrogen safety.
Stipendijos jauniesiems inžinieriams|Scholarships for young engineers|Kviečiame teikti paraiškas iki gegužės.|Apply by May.
Kovo mėnesio dirbtuvės|Workshops in March|Praktinės dirbtuvės apie taupiąją gamybą.|Hands-on lean manufacturing workshops.
Lietuvos ir Taivano partnerystė|Partnership of Lithuania and Taiwan|Pasirašytas ketinimų protokolas dėl puslaidininkių.|A memorandum on semiconductors.
"""


def rows() -> list[list[str]]:
    """name, legal name, kind, municipality's number, offers, seeks, summaries of every organisation."""
    written = [line.split("|") for line in HAND.strip().split("\n")]
    filled = []
    for number in range(220):
        root, (trade, work) = ROOTS[number % 20], TRADES[number // 20 % 12]
        name = f"{root} {trade}"
        filled.append([name, f"UAB „{name}“", "company", f"{number % 60 + 1:02}", work, "", f"Darbai: {work}.", ""])
    return written + filled


def settle() -> None:
    """Put all of them, and the news, into the database."""
    areas = list(Area.objects.order_by("position"))
    members = []
    for number, row in enumerate(rows(), 1):
        name, legal_name, kind, place, offers, seeks, summary_lt, summary_en = row
        members.append(
            Member(
                name=name,
                legal_name=legal_name,
                kind=kind,
                municipality_id=f"LT-{place}",
                offers=offers.split(", "),
                seeks=[word for word in seeks.split(", ") if word],
                summary_lt=summary_lt,
                summary_en=summary_en,
                slug=f"narys-{number}",
                number=number,
                company_code=company_code(number),
            )
        )
    made = Member.objects.bulk_create(members)
    through = Member.areas.through
    # The first seven members take one area each, so that an area's words have an owner in the table.
    through.objects.bulk_create([through(member=member, area=area) for member, area in zip(made, areas, strict=False)])
    for number, line in enumerate(POSTS.strip().split("\n"), 1):
        title_lt, title_en, summary_lt, summary_en = line.split("|")
        Post.objects.create(
            slug=f"naujiena-{number}", title_lt=title_lt, title_en=title_en, summary_lt=summary_lt,
            summary_en=summary_en, body_lt=summary_lt, status="published",
        )  # fmt: skip
