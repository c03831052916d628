"""Bodies that arrive in chunks, without a length: read here, because Django takes them to be empty."""

import io
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def with_chunked_bodies(application: Application, *, longest: int) -> Application:
    """The same application, told the length of such a body. It reads one byte more than `longest`, which no
    view allows, so that what is too long is refused by its view and not cut."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
            body = environ["wsgi.input"].read(longest + 1)
            environ["wsgi.input"] = io.BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return application(environ, start_response)

    return answer
