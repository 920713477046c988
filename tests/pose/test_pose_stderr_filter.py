"""Log lines of native libraries stay off the terminal; nothing else is lost."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from cuecoach.pose.stderr_filter import StderrFilter

LOG_LINES = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"I0000 00:00:1795222775.692933    8355 task_runner.cc:85] GPU suport is not available\n"
    b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
    b"W0000 00:00:1795222775.824225    8378 inference_feedback_manager.cc:114] Feedback manager requires a model\n"
)
ERROR = b"E0000 00:00:1795222775.824225    8378 graph.cc:12] it is on fire\n"


def test_log_lines_are_held_back_and_the_rest_passes(capfd: pytest.CaptureFixture[str]) -> None:
    native = StderrFilter()
    with native.filtering():
        os.write(2, LOG_LINES)
        sys.stderr.write("a warning of Python's own\n")
        os.write(2, ERROR)
    sys.stderr.write("after\n")
    err = capfd.readouterr().err
    assert sorted(err.splitlines()) == sorted(["a warning of Python's own", ERROR.decode().rstrip(), "after"])
    assert native.text.encode() == LOG_LINES


def test_when_the_call_fails_its_errors_are_kept_for_the_exception(capfd: pytest.CaptureFixture[str]) -> None:
    native = StderrFilter()

    def fail() -> None:
        with native.filtering():
            os.write(2, LOG_LINES + ERROR + b"ERROR: Invalid model version 0\nTraceback of a thread\n")
            raise RuntimeError("told")

    with pytest.raises(RuntimeError, match="told"):
        fail()
    assert capfd.readouterr().err == "Traceback of a thread\n"
    assert ERROR.decode() in native.text
    assert "Invalid model version" in native.text


def test_another_thread_can_write_meanwhile_and_nothing_is_lost(capfd: pytest.CaptureFixture[str]) -> None:
    stop = threading.Event()
    written = []

    def write() -> None:
        while not stop.is_set():
            os.write(2, b"line %d\n" % len(written))
            written.append(len(written))

    thread = threading.Thread(target=write)
    thread.start()
    for _ in range(20):
        with StderrFilter().filtering():
            os.write(2, LOG_LINES)
    stop.set()
    thread.join()
    lines = capfd.readouterr().err.splitlines()
    assert sorted(lines) == sorted(f"line {i}" for i in written)


def test_a_process_without_standard_error_goes_on() -> None:
    saved = os.dup(2)
    os.close(2)
    try:
        done = []
        with StderrFilter().filtering():
            done.append(True)
    finally:
        os.dup2(saved, 2)
        os.close(saved)
    assert done == [True]
