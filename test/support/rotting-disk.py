#!/usr/bin/python3
"""rotting-disk.py BACKING MOUNT ROT: a file system that stores files below BACKING, and gives them back with one bit flipped.

Where the file ROT holds a line `OFFSET SUFFIX`, the byte at OFFSET of each file whose name ends in SUFFIX is read with its
lowest bit flipped: from the disk, that is. With a third word, a number, so many readings of it are still as it was written. What the kernel has in memory of what was written is as it was written, and the
kernel keeps it, also while the file is closed. Without ROT it is an ordinary disk."""
import os
import sys

from fusepy import FUSE, Operations


class RottingDisk(Operations):
    def __init__(self, backing, rot):
        self.backing = backing
        self.rot = rot
        # Which writing of ROT is meant, and how often that byte was read since.
        self.writing = 0
        self.readings = 0

    def _path(self, path):
        return os.path.join(self.backing, path.lstrip("/"))

    def _rotten(self, path):
        """Where a file is rotten, or -1, and how many readings are spared."""
        try:
            with open(self.rot) as rot:
                offset, suffix, *spared = rot.read().split()
                writing = os.fstat(rot.fileno()).st_mtime_ns
        except FileNotFoundError:
            return -1, 0
        if writing != self.writing:
            self.writing, self.readings = writing, 0
        return int(offset) if path.endswith(suffix) else -1, int(spared[0]) if spared else 0

    def getattr(self, path, fh=None):
        st = os.lstat(self._path(path)) if fh is None else os.fstat(fh)
        keys = ("st_atime", "st_ctime", "st_gid", "st_ino", "st_mode", "st_mtime", "st_nlink", "st_size", "st_uid", "st_blocks")
        return {key: getattr(st, key) for key in keys}

    def readdir(self, path, fh):
        return [".", "..", *os.listdir(self._path(path))]

    def open(self, path, flags):
        return os.open(self._path(path), flags & ~os.O_NOFOLLOW)

    def create(self, path, mode, fi=None):
        return os.open(self._path(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def read(self, path, size, offset, fh):
        data = bytearray(os.pread(fh, size, offset))
        at, spared = self._rotten(path)
        if offset <= at < offset + len(data):
            self.readings += 1
            if self.readings > spared:
                data[at - offset] ^= 1
        return bytes(data)

    def write(self, path, data, offset, fh):
        return os.pwrite(fh, data, offset)

    def truncate(self, path, length, fh=None):
        if fh is None:
            os.truncate(self._path(path), length)
        else:
            os.ftruncate(fh, length)

    def release(self, path, fh):
        os.close(fh)

    def fsync(self, path, datasync, fh):
        os.fsync(fh)

    def fsyncdir(self, path, datasync, fh):
        pass

    def unlink(self, path):
        os.unlink(self._path(path))

    def link(self, target, source):
        os.link(self._path(source), self._path(target))

    def rename(self, old, new):
        os.rename(self._path(old), self._path(new))

    def mkdir(self, path, mode):
        os.mkdir(self._path(path), mode)

    def rmdir(self, path):
        os.rmdir(self._path(path))

    def chmod(self, path, mode):
        os.chmod(self._path(path), mode)

    def chown(self, path, uid, gid):
        os.chown(self._path(path), uid, gid)

    def utimens(self, path, times=None):
        os.utime(self._path(path), times)

    def statfs(self, path):
        st = os.statvfs(self._path(path))
        keys = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_favail", "f_ffree", "f_files", "f_flag", "f_frsize", "f_namemax")
        return {key: getattr(st, key) for key in keys}

    getxattr = None
    listxattr = None


if __name__ == "__main__":
    _, backing, mount, rot = sys.argv
    FUSE(RottingDisk(backing, rot), mount, foreground=True, nothreads=True, use_ino=True, kernel_cache=True, big_writes=True)
