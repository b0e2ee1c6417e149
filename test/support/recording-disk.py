#!/usr/bin/python3
"""recording-disk.py IMAGE LOG MOUNT: MOUNT/disk is a disk that holds what IMAGE held, and writes down in LOG all that it is given.

Each record of LOG is where it goes, how many bytes it has, and the bytes; a flush, after which all that was given before is
to survive a power cut, is a record of no bytes. IMAGE itself stays as it was."""
import os
import stat
import struct
import sys

from fusepy import FUSE, FuseOSError, Operations


class RecordingDisk(Operations):
    def __init__(self, image, log):
        self.image = os.open(image, os.O_RDONLY)
        self.size = os.fstat(self.image).st_size
        # What was written since, by the number of its page.
        self.pages = {}
        self.log = open(log, "wb", buffering=0)

    PAGE = 4096

    def _page(self, number):
        return self.pages.get(number) or bytearray(os.pread(self.image, self.PAGE, number * self.PAGE))

    def getattr(self, path, fh=None):
        kinds = {"/": (stat.S_IFDIR | 0o700, 2, 0), "/disk": (stat.S_IFREG | 0o600, 1, self.size)}
        if path not in kinds:
            raise FuseOSError(2)
        mode, links, size = kinds[path]
        return {"st_mode": mode, "st_nlink": links, "st_size": size}

    def read(self, path, size, offset, fh):
        end = min(offset + size, self.size)
        first = offset // self.PAGE
        found = b"".join(bytes(self._page(number)) for number in range(first, -(-end // self.PAGE)))
        return found[offset - first * self.PAGE : end - first * self.PAGE]

    def write(self, path, data, offset, fh):
        self.log.write(struct.pack("<QI", offset, len(data)) + data)
        at = 0
        while at < len(data):
            number, inside = divmod(offset + at, self.PAGE)
            page = self.pages.setdefault(number, self._page(number))
            length = min(self.PAGE - inside, len(data) - at)
            page[inside : inside + length] = data[at : at + length]
            at += length
        return len(data)

    def fsync(self, path, datasync, fh):
        self.log.write(struct.pack("<QI", 0, 0))

    def truncate(self, path, length, fh=None):
        raise FuseOSError(1)


if __name__ == "__main__":
    _, image, log, mount = sys.argv
    FUSE(RecordingDisk(image, log), mount, foreground=True, nothreads=True, big_writes=True)
