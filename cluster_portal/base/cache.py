"""The shared cache. Rate limits and cached pages live in it; none of it is worth a failed request."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.core.exceptions import ImproperlyConfigured
from redis.exceptions import ConnectionError, TimeoutError

logger = logging.getLogger(__name__)


def tolerant(name: str, answer: Any) -> Callable:
    """The cache client's method `name`, answering `answer` and logging a warning while Redis is away."""

    def call(self: RedisCacheClient, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(RedisCacheClient, name)(self, *args, **kwargs)
        except (ConnectionError, TimeoutError) as error:
            logger.warning("cache %s skipped: %s", name, error)
            # get(key, default): while the cache is away every key is absent
            return (args[1] if len(args) > 1 else kwargs.get("default")) if name == "get" else answer

    return call


class TolerantClient(RedisCacheClient):
    """Redis as Django talks to it; while it is away nothing is found and nothing is kept."""

    add = tolerant("add", True)
    get = tolerant("get", None)
    set = tolerant("set", None)
    touch = tolerant("touch", False)
    delete = tolerant("delete", False)
    get_many = tolerant("get_many", {})
    has_key = tolerant("has_key", False)
    incr = tolerant("incr", 1)
    set_many = tolerant("set_many", None)
    delete_many = tolerant("delete_many", None)
    clear = tolerant("clear", False)


class TolerantRedisCache(RedisCache):
    """Django's Redis cache that costs speed, never a page, when Redis is down."""

    def __init__(self, server: str, params: dict) -> None:
        super().__init__(server, params)
        self._class = TolerantClient


def redis_answers() -> bool:
    """Whether Redis, which carries the cache and the queue, answers now."""
    cache = caches["default"]
    if not isinstance(cache, RedisCache):
        raise ImproperlyConfigured("The cache is not Redis.")
    try:
        return cache._cache.get_client(None, write=True).ping()
    except (ConnectionError, TimeoutError) as error:
        logger.error("broker not reached: %s", error)
        return False
