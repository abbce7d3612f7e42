"""2021 m. kovo 5 d. in text (Django's own writes "05 d."), 2021-03-05 in tables.

A moment with its hour stands only in tables. The blanks beside a figure do not break.
"""

from cluster_portal.formats import DAYS_TYPED

DATE_FORMAT = "Y\u00a0\\m. E\u00a0j\u00a0\\d."
DATETIME_FORMAT = "Y-m-d H:i"
MONTH_DAY_FORMAT = "E\u00a0j\u00a0\\d."
SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
DATE_INPUT_FORMATS = DAYS_TYPED
