"""The environment of a portal on local services: what ``make run`` gives it, and how manage.py finds that again."""

import importlib.util
import os
import secrets

from cluster_portal.local_services.backing import BackingServices
from cluster_portal.local_services.folder import (
    ROOT,
    LocalServiceError,
    default_data_dir,
    is_running,
    read_state,
    write_state,
)

SERVICES = {"DATABASE_URL": "database", "REDIS_URL": "broker"}
# What DEBUG is written as, for the settings and for people
ON, OFF = ("1", "true", "on", "yes", "y", "ok"), ("0", "false", "off", "no")


def read_dotenv() -> None:
    """Takes what ``.env`` in the repository sets and the environment does not, as the settings do."""
    if (ROOT / ".env").exists() and importlib.util.find_spec("environ"):  # before the install there is none
        import environ

        environ.Env.read_env(ROOT / ".env")


def environment_of(services: BackingServices, port: int) -> dict[str, str]:
    """The variables of this run's portal, the caller's where it set them: a demo, run as in production."""
    state = read_state(services.data_dir)
    if "secret_key" not in state:
        write_state(services.data_dir, {**state, "secret_key": secrets.token_urlsafe(48)})
    defaults = {
        "SECRET_KEY": read_state(services.data_dir)["secret_key"],
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DEMO": "1",
    }
    return {
        **{name: os.environ.get(name) or value for name, value in defaults.items()},
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "DATA_DIR": str(services.data_dir),
        "DJANGO_SETTINGS_MODULE": "cluster_portal.settings",
    }


def keep_environment(services: BackingServices, environment: dict[str, str]) -> None:
    """Keeps them where `use_local_environment` finds them."""
    write_state(services.data_dir, {**read_state(services.data_dir), "environment": environment})


def use_local_environment() -> None:
    """For manage.py: takes what is not configured from the ``make run`` that runs on the local data.

    Without any configuration that is all of it, with DEBUG the addresses of the services. Every other
    configuration, be it complete or not, is left to the settings to judge. Raises LocalServiceError where a
    local service would be needed and does not run.
    """
    read_dotenv()
    missing = [name for name in SERVICES if not os.environ.get(name)]
    untouched = len(missing) == len(SERVICES) and not os.environ.get("SECRET_KEY")
    debug = os.environ.get("DEBUG", "").lower()
    if not missing or debug in OFF or not (untouched or debug in ON):
        return
    data_dir = default_data_dir()
    environment = read_state(data_dir).get("environment")
    if not environment or not is_running(data_dir):
        raise LocalServiceError(
            f"The local {SERVICES[missing[0]]} is not running: "
            f"start it with “make run” in another terminal, or set {missing[0]}."
        )
    for name in environment if untouched else missing:
        if not os.environ.get(name):
            os.environ[name] = environment[name]
