"""Programs that have a database open. Each says `ready` once it is in its state, and ends with its standard input.

    sqlite-writer.py count MODE FILE    counts up without pause: every transaction writes the same number to two tables
    sqlite-writer.py hold MODE FILE     has a few rows committed, and keeps it open
    sqlite-writer.py alone MODE FILE    the same, and nobody else may open it
    sqlite-writer.py append MODE FILE   adds a table to what is there, and keeps it open
    sqlite-writer.py reopen MODE FILE   opens it, adds a row and closes it, without pause; prints how many rows there are
    sqlite-writer.py spill MODE FILE    is in a transaction that has been written to the file already
"""

import os
import select
import sqlite3
import sys


def ready():
    print("ready", flush=True)


def asked_to_end():
    return select.select([sys.stdin], [], [], 0)[0] != []


def connect(mode, file):
    database = sqlite3.connect(file, timeout=30, isolation_level=None)
    database.execute(f"PRAGMA journal_mode = {mode}")
    return database


def fill(database):
    database.execute("CREATE TABLE IF NOT EXISTS one (n, filler)")
    database.execute("CREATE TABLE IF NOT EXISTS other (n)")
    database.execute("BEGIN")
    for n in range(2000):
        database.execute("INSERT INTO one VALUES (0, ?)", (os.urandom(500).hex(),))
    database.execute("INSERT INTO other VALUES (0)")
    database.execute("COMMIT")


def count(mode, file):
    database = connect(mode, file)
    fill(database)
    # So often that every run meets one.
    database.execute("PRAGMA wal_autocheckpoint = 100")
    n = 0
    while not asked_to_end():
        n += 1
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE one SET n = ?, filler = ? WHERE rowid % 50 = ?", (n, os.urandom(500).hex(), n % 50))
        database.execute("UPDATE one SET n = ? WHERE rowid IN (1, 2000)", (n,))
        database.execute("UPDATE other SET n = ?", (n,))
        database.execute("COMMIT")
        if n == 20:
            ready()
    database.close()


def hold(mode, file, alone=False):
    database = sqlite3.connect(file, timeout=30, isolation_level=None)
    if alone:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute(f"PRAGMA journal_mode = {mode}")
    fill(database)
    database.execute("UPDATE other SET n = 1")
    ready()
    sys.stdin.read()
    database.close()


def append(mode, file):
    database = connect(mode, file)
    database.execute("CREATE TABLE more (n)")
    ready()
    sys.stdin.read()


def reopen(mode, file):
    n = 0
    while not asked_to_end():
        database = connect(mode, file)
        if n == 0:
            database.execute("CREATE TABLE log (n)")
        n += 1
        database.execute("INSERT INTO log VALUES (?)", (n,))
        database.close()
        if n == 20:
            ready()
    print(n, flush=True)


def spill(mode, file):
    database = connect(mode, file)
    fill(database)
    database.execute("PRAGMA cache_size = 10")
    database.execute("BEGIN")
    database.execute("UPDATE one SET n = 7, filler = ?", (os.urandom(500).hex(),))
    database.execute("UPDATE other SET n = 7")
    ready()
    sys.stdin.read()


def main():
    what, mode, file = sys.argv[1:]
    if what == "alone":
        hold(mode, file, alone=True)
    else:
        {"count": count, "hold": hold, "append": append, "reopen": reopen, "spill": spill}[what](mode, file)


main()
