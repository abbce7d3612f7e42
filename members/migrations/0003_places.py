"""The 60 municipalities in 10 counties by their ISO 3166-2:LT codes."""

from django.db import migrations

COUNTIES = [
    ("LT-AL", "Alytaus apskritis", "Alytus County"),
    ("LT-KL", "Klaipėdos apskritis", "Klaipėda County"),
    ("LT-KU", "Kauno apskritis", "Kaunas County"),
    ("LT-MR", "Marijampolės apskritis", "Marijampolė County"),
    ("LT-PN", "Panevėžio apskritis", "Panevėžys County"),
    ("LT-SA", "Šiaulių apskritis", "Šiauliai County"),
    ("LT-TA", "Tauragės apskritis", "Tauragė County"),
    ("LT-TE", "Telšių apskritis", "Telšiai County"),
    ("LT-UT", "Utenos apskritis", "Utena County"),
    ("LT-VL", "Vilniaus apskritis", "Vilnius County"),
]

# In the order of their codes LT-01 … LT-60: name in Lithuanian, name in English, county.
MUNICIPALITIES = """
Akmenės rajonas|Akmenė District|SA
Alytaus miestas|Alytus City|AL
Alytaus rajonas|Alytus District|AL
Anykščių rajonas|Anykščiai District|UT
Birštonas|Birštonas|KU
Biržų rajonas|Biržai District|PN
Druskininkai|Druskininkai|AL
Elektrėnai|Elektrėnai|VL
Ignalinos rajonas|Ignalina District|UT
Jonavos rajonas|Jonava District|KU
Joniškio rajonas|Joniškis District|SA
Jurbarko rajonas|Jurbarkas District|TA
Kaišiadorių rajonas|Kaišiadorys District|KU
Kalvarija|Kalvarija|MR
Kauno miestas|Kaunas City|KU
Kauno rajonas|Kaunas District|KU
Kazlų Rūda|Kazlų Rūda|MR
Kėdainių rajonas|Kėdainiai District|KU
Kelmės rajonas|Kelmė District|SA
Klaipėdos miestas|Klaipėda City|KL
Klaipėdos rajonas|Klaipėda District|KL
Kretingos rajonas|Kretinga District|KL
Kupiškio rajonas|Kupiškis District|PN
Lazdijų rajonas|Lazdijai District|AL
Marijampolė|Marijampolė|MR
Mažeikių rajonas|Mažeikiai District|TE
Molėtų rajonas|Molėtai District|UT
Neringa|Neringa|KL
Pagėgiai|Pagėgiai|TA
Pakruojo rajonas|Pakruojis District|SA
Palangos miestas|Palanga City|KL
Panevėžio miestas|Panevėžys City|PN
Panevėžio rajonas|Panevėžys District|PN
Pasvalio rajonas|Pasvalys District|PN
Plungės rajonas|Plungė District|TE
Prienų rajonas|Prienai District|KU
Radviliškio rajonas|Radviliškis District|SA
Raseinių rajonas|Raseiniai District|KU
Rietavas|Rietavas|TE
Rokiškio rajonas|Rokiškis District|PN
Šakių rajonas|Šakiai District|MR
Šalčininkų rajonas|Šalčininkai District|VL
Šiaulių miestas|Šiauliai City|SA
Šiaulių rajonas|Šiauliai District|SA
Šilalės rajonas|Šilalė District|TA
Šilutės rajonas|Šilutė District|KL
Širvintų rajonas|Širvintos District|VL
Skuodo rajonas|Skuodas District|KL
Švenčionių rajonas|Švenčionys District|VL
Tauragės rajonas|Tauragė District|TA
Telšių rajonas|Telšiai District|TE
Trakų rajonas|Trakai District|VL
Ukmergės rajonas|Ukmergė District|VL
Utenos rajonas|Utena District|UT
Varėnos rajonas|Varėna District|AL
Vilkaviškio rajonas|Vilkaviškis District|MR
Vilniaus miestas|Vilnius City|VL
Vilniaus rajonas|Vilnius District|VL
Visaginas|Visaginas|UT
Zarasų rajonas|Zarasai District|UT
"""


def load(apps, schema_editor):
    """Create what is not there yet; names that the coordinator has changed stay."""
    County, Municipality = (apps.get_model("members", name) for name in ("County", "Municipality"))
    County.objects.bulk_create(
        [County(code=code, name_lt=lt, name_en=en) for code, lt, en in COUNTIES], ignore_conflicts=True
    )
    rows = [line.split("|") for line in MUNICIPALITIES.split("\n") if line]
    Municipality.objects.bulk_create(
        [
            Municipality(code=f"LT-{number:02}", name_lt=lt, name_en=en, county_id=f"LT-{county}")
            for number, (lt, en, county) in enumerate(rows, 1)
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("members", "0002_search")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
