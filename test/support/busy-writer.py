"""Writes to a file as programs do that disturb whoever reads it, until it is killed. Says "ready" when it begins.

saver PATH HALF_PAUSE PAUSE   truncates, pauses, writes a state in two halves, pauses: each state is one number, many times
mapper PATH MIB PAUSE         counts in the first and the last eight bytes of a memory map, the first one first
lease PATH SECONDS            holds a write lease, and gives it back late
"""

import fcntl
import mmap
import os
import random
import signal
import struct
import sys
import time


def save(path, half_pause, pause):
    number = 0
    while True:
        number += 1
        state = b"%06d\n" % number * random.randint(200, 2000) + b"end of %06d\n" % number
        middle = len(state) * random.randint(1, 9) // 10
        with open(path, "wb", buffering=0) as file:
            time.sleep(random.random() * half_pause)
            file.write(state[:middle])
            time.sleep(random.random() * half_pause)
            file.write(state[middle:])
        if number == 1:
            print("ready", flush=True)
        time.sleep(pause)


def count(path, mib, pause):
    size = int(mib) << 20
    with open(path, "wb") as file:
        file.write(b"\0" * 8 + os.urandom(size - 16) + b"\0" * 8)
    with open(path, "r+b") as file:
        memory = mmap.mmap(file.fileno(), size)
    print("ready", flush=True)
    number = 0
    while True:
        number += 1
        memory[:8] = struct.pack("<Q", number)
        memory[-8:] = struct.pack("<Q", number)
        if pause > 0:
            time.sleep(pause)


def hold(path, seconds):
    signal.signal(signal.SIGIO, lambda *_: None)
    file = os.open(path, os.O_RDWR)
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    print("ready", flush=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.05)
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)


if __name__ == "__main__":
    kind, path, *numbers = sys.argv[1:]
    {"saver": save, "mapper": count, "lease": hold}[kind](path, *map(float, numbers))
