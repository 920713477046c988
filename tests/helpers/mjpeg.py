"""A network camera for tests: a tiny MJPEG server on this machine that can stall, die and come back."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType

import cv2
from films import numbered


class Camera:
    """Serves numbered pictures over and over at `rate_hz`, from the moment it is made until `close`."""

    def __init__(self, rate_hz: float = 30.0, size_px: tuple[int, int] = (160, 120)) -> None:
        self._period_s = 1 / rate_hz
        self._pictures = [cv2.imencode(".jpg", numbered(i, size_px))[1].tobytes() for i in range(25)]
        self._stalled = threading.Event()
        self._clients: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self._port = 0
        self.come_back()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/stream.mjpg"

    def stall(self) -> None:
        """Keep the connections and send nothing."""
        self._stalled.set()

    def go_on(self) -> None:
        """End a stall."""
        self._stalled.clear()

    def die(self) -> None:
        """Close every connection and refuse new ones."""
        listener, self._listener = self._listener, None
        for each in [listener, *self._clients]:
            if each is not None:
                _shut(each)
        self._clients.clear()

    def come_back(self) -> None:
        """Serve again at the same address."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        self.die()

    def __enter__(self) -> Camera:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self._clients.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            client.recv(4096)
            client.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n")
            number = 0
            while True:
                if not self._stalled.is_set():
                    jpeg = self._pictures[number % len(self._pictures)]
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    client.sendall(head.encode() + jpeg + b"\r\n")
                    number += 1
                time.sleep(self._period_s)
        except OSError:
            client.close()


def _shut(each: socket.socket) -> None:
    with contextlib.suppress(OSError):  # never connected, or gone already
        each.shutdown(socket.SHUT_RDWR)
    each.close()
