"""What visitors type, and what they must find first among 310 organisations; and what must find nothing."""

import pytest
from django.db import connection
from django.db.models import Q

from cluster_portal.country.lt.search import query_words
from members.models import Member
from news.models import Post
from tests.members import organisations

pytestmark = pytest.mark.django_db

# query | the first organisation
TABLE = """
baltled|BaltLed
BALTLED|BaltLed
„BaltLed“|BaltLed
UAB „BaltLed“|BaltLed
uab baltled|BaltLed
"baltled"|BaltLed
balt led|BaltLed
baltl|BaltLed
baltlet|BaltLed
batled|BaltLed
baltlde|BaltLed
šviestuvas|BaltLed
šviestuvų|BaltLed
sviestuvai|BaltLed
sviestuvu|BaltLed
šviestvai|BaltLed
led šviestuvai|BaltLed
gatviu apsvietimas|BaltLed
gatvės apšvietimą|BaltLed
luminaire|BaltLed
aedilis|Aedilis
aedil|Aedilis
aedylis|Aedilis
edilis|Aedilis
metalinės konstrukcijos|Aedilis
metalinių konstrukcijų|Aedilis
metalines konstrukcijos|Aedilis
steel structures|Aedilis
plieno karkasas|Aedilis
pažangios inovacijos|Pažangios inovacijos
pazangios inovacijos|Pažangios inovacijos
pažangi inovacija|Pažangios inovacijos
pazangiu inovaciju|Pažangios inovacijos
pazangios inovacyjos|Pažangios inovacijos
pazangiosinovacijos|Pažangios inovacijos
UAB Pažangios inovacijos|Pažangios inovacijos
inovacijų konsultacija|Pažangios inovacijos
digital factory|Pažangios inovacijos
prezicika|Prezicika Metrology
precizika|Prezicika Metrology
presicika|Prezicika Metrology
prezic|Prezicika Metrology
kalibravimas|Prezicika Metrology
kalibravimo paslaugos|Prezicika Metrology
kalibravimui|Prezicika Metrology
tikslus matavimas|Prezicika Metrology
metrology|Prezicika Metrology
calibration|Prezicika Metrology
proftools|Proftools
prof tools|Proftools
proftols|Proftools
pjovimo įrankiai|Proftools
irankiu galandimas|Proftools
įrankis|Proftools
cutting tool|Proftools
marijampolės lez|Marijampolės LEZ
marijampoles lez|Marijampolės LEZ
marijampole lez|Marijampolės LEZ
marijanpoles lez|Marijampolės LEZ
marijampolos lez|Marijampolės LEZ
lez|Marijampolės LEZ
laisvoji ekonominė zona|Marijampolės LEZ
laisvosios ekonomines zonos|Marijampolės LEZ
ekonominių zonų|Marijampolės LEZ
free economic zone|Marijampolės LEZ
economic zones|Marijampolės LEZ
pramoninis sklypas|Marijampolės LEZ
marijampole|Marijampolės LEZ
Marijampolėje|Marijampolės LEZ
Marijampoleje|Marijampolės LEZ
pramoninis sklypas Marijampoleje|Marijampolės LEZ
kti|Kauno technologijos institutas
kauno technologijos institutas|Kauno technologijos institutas
technologijų institutas kaune|Kauno technologijos institutas
taikomasis tyrimas|Kauno technologijos institutas
applied research|Kauno technologijos institutas
lazeriu centras|Vilniaus lazerių centras
lazerių centre|Vilniaus lazerių centras
vilniaus lazeriai|Vilniaus lazerių centras
femtosekundiniai|Vilniaus lazerių centras
femtosecond laser|Vilniaus lazerių centras
siauliu stiklas|Šiaulių stiklas
šiaulių stiklo|Šiaulių stiklas
stiklo pjovimo|Šiaulių stiklas
grudintas stiklas|Šiaulių stiklas
zalia pieva|Žalia pieva
Žalios pievos|Žalia pieva
kooperatyvas|Žalia pieva
ekologiskas pienas|Žalia pieva
dairy farm|Žalia pieva
alfa techno|Alfa-Techno 3D
alfa-techno|Alfa-Techno 3D
alfatechno|Alfa-Techno 3D
3d spausdinimas|Alfa-Techno 3D
3D|Alfa-Techno 3D
prototipas|Alfa-Techno 3D
prototyping|Alfa-Techno 3D
nemuno plastikas|Nemuno plastikas
nemuno plastyko|Nemuno plastikas
liejimo forma|Nemuno plastikas
plastiko liejimas alytus|Nemuno plastikas
injection moulding|Nemuno plastikas
medienos dziovinimas|Dzūkijos mediena
dzukijos mediena|Dzūkijos mediena
robotai|Robotų diegimo grupė
robotas|Robotų diegimo grupė
robotu diegimas|Robotų diegimo grupė
gamybos linija|Robotų diegimo grupė
industrial robot|Robotų diegimo grupė
slegio jutiklis|Baltijos jutikliai
baltijos jutikliai|Baltijos jutikliai
baltijso jutikliai|Baltijos jutikliai
sensor|Baltijos jutikliai
vilkas|Elektronikos fabrikas „Vilkas“
elektronikos fabrikas|Elektronikos fabrikas „Vilkas“
UAB Vilkas|Elektronikos fabrikas „Vilkas“
jūrų parkas|Klaipėdos jūrų parkas
juru mokslo parkas|Klaipėdos jūrų parkas
marine technology|Klaipėdos jūrų parkas
kretingos baldu|Kretingos baldai
minkstas baldas|Kretingos baldai
mezginiai|Utenos mezginiai
knitwear|Utenos mezginiai
azuolo langai|Ąžuolo langai
ąžuol|Ąžuolo langai
medinis langas|Ąžuolo langai
ciobrelis|Čiobrelis
čiobrelio|Čiobrelis
zoleliu arbata|Čiobrelis
herbal tea|Čiobrelis
suduvos mesa|Sūduvos mėsa
mėsos gaminys|Sūduvos mėsa
sūris|Žemaitijos pieninė
sūrio|Žemaitijos pieninė
varske|Žemaitijos pieninė
zemaitijos|Žemaitijos pieninė
konservuotu darzoviu|Kėdainių konservai
kedainiu konservai|Kėdainių konservai
stakliu remontas|Panevėžio staklės
staklės panevėžys|Panevėžio staklės
frezavimo darbai|Panevėžio staklės
frezavymo darbai|Panevėžio staklės
machine tools|Panevėžio staklės
klijų|Mažeikių chemija
adhesive|Mažeikių chemija
cementas|Akmenės kalkės
koldūnai|Tauragės maistas
visagino elektronika|Visagino elektronika
vysagino elektronika|Visagino elektronika
valtis|Jurbarko laivai
zuvis|Neringos žuvis
žuvies|Neringos žuvis
rukyta zuvis neringa|Neringos žuvis
smoked fish|Neringos žuvis
teleskopai|Molėtų optika
precision optics|Molėtų optika
logistika|Via Baltica logistika
via baltica|Via Baltica logistika
suvirintojų kursai|Šiaulių profesinio rengimo centras
cnc operatorius|Šiaulių profesinio rengimo centras
gynybos klasteris|Kauno gynybos klasteris
defense industry|Kauno gynybos klasteris
gintaras|Gintaro slėnis
gintaro dirbiniai palangoje|Gintaro slėnis
mes programine iranga|Skaitmeninė gamykla
skaitmenine gamykla|Skaitmeninė gamykla
dirbtinis intelektas|Dirbtinio intelekto laboratorija
computer vision|Dirbtinio intelekto laboratorija
kibernetine sauga|Kibernetinis skydas
vandenilis|Vandenilio energetika
hydrogen|Vandenilio energetika
cnc tekinimas|Baltic Precision
precision parts|Baltic Precision
lazerinis pjovimas|Nordic Metal Works
lankstymas lakstinio metalo|Nordic Metal Works
karstasis cinkavimas|Cinko linija
powder coating|Miltelinis dažymas LT
petraitis|D. Petraičio dirbtuvė
petraičio|D. Petraičio dirbtuvė
laikrodžių taisymas|D. Petraičio dirbtuvė
geležinis vilkas|UAB „Geležinis vilkas ir Ko“
Geležinis vilkas ir Ko, UAB|UAB „Geležinis vilkas ir Ko“
titnagas|Spaudos namai „Titnagas“
fermentai|Biotechnologijų sala
enzyme|Biotechnologijų sala
dronas|Drono akis
akumuliatoriai|Akumuliatorių technologijos
sviesolaidziai|Šviesos srautas
lietus|Lietus
ula|Ūla
eglis|Ėglis
ikvepimas|Įkvėpimas
saltibarsciu kranai|
granitas statyba|Granitas statyba
granito statyba|Granitas statyba
vetra kepykla|Vėtra kepykla
nevezis plienas|Nevėžis plienas
seskupe mediena|Šešupė mediena
bendra rinkodara|Proftools
joint marketing|Proftools
vilniaus gedimino universitetas|Vilniaus Gedimino universitetas
universitete|Vilniaus Gedimino universitetas
kauno te|Kauno technologijos institutas
šiaulių st|Šiaulių stiklas
siauliu s|Šiaulių stiklas
kretinga b|Kretingos baldai
3d sp|Alfa-Techno 3D
baltled u|BaltLed
ko|Kopa
mėsos g|Sūduvos mėsa
alus|Biržų alus
Kauno r. sav.|Švarus oras
Vilniaus m. sav.|Vilniaus lazerių centras
marijampolės savivaldybė|Marijampolės LEZ
akmenės rajono savivaldybėje|Akmenės kalkės
kretinga bžž|
"""

CODES = {0: "BaltLed", 9: "Žalia pieva"}

NOTHING = """
pica
kirpykla
automobilių nuoma
restoranas
advokatas
odontologas
banko paskola
qwxkjh
zzzzzz
asdfghjkl
999999999
123123123
LT99999999
lėktuvų bilietai
vestuvių fotografas
taksi
nekilnojamasis turtas
šokių studija
baltled pica
robotas kirpykla
xyz
jkl
kosmetologė
gėlių pristatymas
cryptocurrency
swimming pool
mortgage
& | !
'; DROP TABLE members_member; --
<script>alert(1)</script>
masažas
gyvūnų prieglauda
"""

# query | the title of the first post
NEWS = """
paroda|Klasteris paroda Hanoveryje
parodoje Hanoverio|Klasteris paroda Hanoveryje
hannover fair|Klasteris paroda Hanoveryje
vandenilio standartas|Nauji vandenilio standartai
hidrogen standards|Nauji vandenilio standartai
hydrogen standard|Nauji vandenilio standartai
stipendija|Stipendijos jauniesiems inžinieriams
stipendyjos|Stipendijos jauniesiems inžinieriams
inzinieriams|Stipendijos jauniesiems inžinieriams
scholarship|Stipendijos jauniesiems inžinieriams
taupioji gamyba|Kovo mėnesio dirbtuvės
workshop|Kovo mėnesio dirbtuvės
taivanas|Lietuvos ir Taivano partnerystė
puslaidininkiai|Lietuvos ir Taivano partnerystė
semiconductor|Lietuvos ir Taivano partnerystė
"""


def lines(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().split("\n")]


@pytest.fixture(scope="module")
def settled(django_db_setup, django_db_blocker):
    """The organisations, once for the whole table; rolled back after it."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        organisations.settle()
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


def first(found) -> str:
    return next((str(row.name if isinstance(row, Member) else row.title_lt) for row in found[:1]), "")


def test_the_table_holds(settled):
    faults = [
        (query, expected, found)
        for query, expected in lines(TABLE)
        if (found := first(Member.objects.public().search(query))) != expected
    ]
    assert (faults, len(lines(TABLE)) >= 150, Member.objects.count() >= 300) == ([], True, True)


def test_company_codes_are_found(settled):
    for number, name in CODES.items():
        member = Member.objects.get(number=number + 1)
        assert member.name == name
        for code in (member.company_code, member.company_code[:6], f" {member.company_code} "):
            assert member in Member.objects.public().search(code)


@pytest.mark.parametrize("typed", ["įmonės kodas {}", "į. k. {}", "{} (UAB)", "Juridinio asmens kodas: {}"])
def test_the_words_beside_a_code_decide_nothing(settled, typed):
    for member in Member.objects.filter(number__in=(1, 9)):
        assert first(Member.objects.search(typed.format(member.company_code))) == member.name
    assert query_words("PVM mokėtojo kodas LT100000001") == ["lt100000001"]


def test_first_letters_of_a_name_are_no_stem(settled):
    """The stem of "alus" is "al", and "Ąžuolo langai" are "ąl"."""
    assert "Ąžuolo langai" not in {member.name for member in Member.objects.search("alus")}
    assert first(Member.objects.search("vgu")) == "Vilniaus Gedimino universitetas"


@pytest.mark.parametrize("name", ["Kauno technologijos institutas", "Geležinis vilkas ir Ko", "Žemaitijos pieninė"])
def test_a_name_is_found_at_each_letter_of_its_typing(settled, name):
    lost = [
        name[:end]
        for end in range(1, len(name) + 1)
        if not any(name in member.name for member in Member.objects.search(name[:end]))
    ]
    assert lost == []


def test_a_word_just_begun_is_no_typo(settled):
    for typed in ("kauno t", "kauno te", "baltled u", "3d sp"):
        assert Member.objects.corrected(query_words(typed)) == query_words(typed)


def test_the_table_is_no_work_for_a_plain_search(settled):
    """What the table asks cannot be answered by looking for the typed text in the rows' texts."""
    columns = ("name", "legal_name", "summary_lt", "summary_en", "offers", "seeks")
    right = 0
    for query, expected in lines(TABLE):
        there = Q(*((f"{column}__icontains", query) for column in columns), _connector=Q.OR)
        right += first(Member.objects.filter(there).order_by("sort_key")) == expected
    assert right < len(lines(TABLE)) / 2


def test_what_must_find_nothing_finds_nothing(settled):
    queries = NOTHING.strip().split("\n")
    faults = [(query, found) for query in queries if (found := first(Member.objects.public().search(query)))]
    assert (faults, len(queries) >= 30) == ([], True)


def test_the_news_are_found(settled):
    faults = [
        (query, expected, found)
        for query, expected in lines(NEWS)
        if (found := first(Post.objects.published().search(query))) != expected
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("query", "meant"),
    [("baltlet", "baltled"), ("pazangios inovacyjos", "pazangios inovacijos"), ("baltled", "baltled"),
     ("balt led", "balt led"), ("qwxkjh", "qwxkjh"), ("frezavymo darbai", "frezavimo darbai")],
)  # fmt: skip
def test_unknown_words_are_corrected_to_known_ones(settled, query, meant):
    assert " ".join(Member.objects.corrected(query_words(query))) == meant


@pytest.mark.parametrize(
    ("query", "index"),
    [(Member.objects.search("kalibravimas"), "member_search"),
     (Member.objects.search("kalibravymas"), "member_search"),
     (Member.objects.filter(offers__overlap=["LED"]), "member_offers"),
     (Post.objects.search("paroda"), "post_search")],
    ids=["search", "slip", "tags", "news"],
)  # fmt: skip
def test_an_index_answers(settled, query, index):
    with connection.cursor() as cursor:
        # So few rows are read faster without; what is estimated of them depends on when autovacuum came by.
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    assert f"Bitmap Index Scan on {index}" in query.all().explain()
