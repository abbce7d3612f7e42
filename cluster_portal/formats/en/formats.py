"""5 March 2021 in text (Django's own is American), 2021-03-05 in tables.

A moment with its hour stands only in tables.
"""

from cluster_portal.formats import DAYS_TYPED

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "Y-m-d H:i"
SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
DATE_INPUT_FORMATS = DAYS_TYPED
