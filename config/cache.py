"""The cache counts requests for the throttles; without Redis it counts nothing, and nobody waits for it."""

import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)
REST_SECONDS = 15


class QuietRedisCache(RedisCache):
    """Answers as if empty while Redis is dead or hung, and asks again only every `REST_SECONDS`."""

    _resting_until = 0.0

    def _quietly(self, call: Callable[..., Any], *args: Any, default: Any) -> Any:
        if time.monotonic() < QuietRedisCache._resting_until:
            return default
        try:
            return call(*args)
        except (redis.RedisError, OSError) as error:
            logger.warning("the cache does not answer (%s); going on without it", type(error).__name__)
            QuietRedisCache._resting_until = time.monotonic() + REST_SECONDS
            return default

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._quietly(super().get, key, default, version, default=default)

    def set(self, key: str, value: Any, timeout: Any = None, version: int | None = None) -> None:
        self._quietly(super().set, key, value, timeout, version, default=None)

    def add(self, key: str, value: Any, timeout: Any = None, version: int | None = None) -> bool:
        return bool(self._quietly(super().add, key, value, timeout, version, default=True))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return int(self._quietly(super().incr, key, delta, version, default=1))

    def count(self, key: str, timeout: int) -> int:
        """Count once more, and say how often within `timeout` seconds of the first time; atomic, one round trip."""
        return int(self._quietly(self._counted, self.make_and_validate_key(key), timeout, default=1))

    def _counted(self, key: str, timeout: int) -> Any:
        count = self._client.incr(key)
        if count == 1:
            self._client.expire(key, timeout)
        return count

    @cached_property
    def _client(self) -> redis.Redis:
        return self._cache.get_client(write=True)

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._quietly(super().delete, key, version, default=False))
