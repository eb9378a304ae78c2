"""Messages of the wire contract as bytes: the door to the native codec, for a server.

`Request` reads a batch without an object for a record, and lays its texts out for `Screener.screen_texts`;
`write_batch` and `write_single` write answers. All agree with the classes of `sito.v1`, which are the way for
everybody else.
"""

from sito_ext.wire import Request as Request  # noqa: PLC0414  (handed on)
from sito_ext.wire import write_batch as write_batch  # noqa: PLC0414  (handed on)
from sito_ext.wire import write_single as write_single  # noqa: PLC0414  (handed on)
