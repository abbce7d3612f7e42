from django.urls import path
from django.utils.translation import pgettext_lazy

from applications.ballot import views as ballot_views
from applications.form import attachments, filling, status
from applications.minutes.views import download

app_name = "applications"
urlpatterns = [
    path("", status.list_applications, name="list"),
    path(pgettext_lazy("url", "new/"), filling.new, name="new"),
    path("<int:pk>/", status.detail, name="detail"),
    path("<int:pk>/review/", filling.review, name="review"),
    path("<int:pk>/answer/", status.answer, name="answer"),
    path("<int:pk>/withdraw/", status.withdraw, name="withdraw"),
    path("<int:pk>/attachments/", attachments.edit_attachments, name="attachments"),
    path("<int:pk>/attachments/<int:attachment_pk>/", attachments.attachment, name="attachment"),
    path("<int:pk>/attachments/<int:attachment_pk>/remove/", attachments.remove_attachment, name="attachment-remove"),
    path("<int:pk>/<slug:section>/", filling.section, name="section"),
]

ballot_urls = [
    path("", ballot_views.list_ballots, name="list"),
    path("<int:pk>/", ballot_views.ballot_by_log_in, name="detail"),
    path(pgettext_lazy("url", "<int:pk>/minutes/<str:file_name>"), download, name="minutes"),
    path(pgettext_lazy("url", "<int:pk>/recuse/"), ballot_views.recuse_by_log_in, name="recuse"),
    path(pgettext_lazy("url", "<int:pk>/object/"), ballot_views.object_by_log_in, name="object"),
    path(pgettext_lazy("url", "link/<str:token>/"), ballot_views.ballot_by_link, name="link"),
    path(pgettext_lazy("url", "link/<str:token>/recuse/"), ballot_views.recuse_by_link, name="link-recuse"),
    path(pgettext_lazy("url", "link/<str:token>/object/"), ballot_views.object_by_link, name="link-object"),
    path(
        pgettext_lazy("url", "link/<str:token>/attachments/<int:attachment_pk>/"),
        ballot_views.link_attachment,
        name="link-attachment",
    ),
]
