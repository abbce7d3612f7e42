"""The texts of packages whose Lithuanian is ours: named here so that makemessages finds them. Nothing imports these."""
