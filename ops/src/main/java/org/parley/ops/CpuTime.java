package org.parley.ops;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * CPU time of processes, from Linux's {@code /proc}. Where there is none, nothing can be told, and
 * the answers are empty.
 *
 * @param proc {@code /proc}, or something that looks like it
 */
record CpuTime(Path proc) {
  /** USER_HZ: the unit of the kernel's figures, the same on every Linux machine (proc(5)). */
  private static final long MICROS_PER_TICK = 10_000;

  private static final int STATE_FIELD = 3;

  static CpuTime ofMachine() {
    return new CpuTime(Path.of("/proc"));
  }

  /** Microseconds that a process has used, over all of its threads. */
  Optional<Long> process(long pid) {
    return stat(pid).map(stat -> (stat.user + stat.system) * MICROS_PER_TICK);
  }

  /**
   * Microseconds that a process, its children, and those of its children that have ended and were
   * waited for have used. For a postmaster that is all of its PostgreSQL.
   */
  Optional<Long> family(long pid) {
    return stat(pid)
        .map(
            parent -> {
              long ticks =
                  parent.user
                      + parent.system
                      + parent.endedChildrenUser
                      + parent.endedChildrenSystem;
              for (Stat child : all()) {
                if (child.parent == pid) ticks += child.user + child.system;
              }
              return ticks * MICROS_PER_TICK;
            });
  }

  /** The postmaster that serves a data directory below this one. */
  Optional<Postmaster> postmasterBelow(Path directory) {
    try (Stream<Path> files = Files.walk(directory, 5)) {
      return files
          .filter(file -> file.endsWith("postmaster.pid"))
          .flatMap(file -> read(file).stream())
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  /** The postmaster that listens on a port of this machine, if we may look at it. */
  Optional<Postmaster> postmasterOn(int port) {
    for (Stat process : all()) {
      if (!process.name.equals("postgres")) continue;
      Path file = proc.resolve(Long.toString(process.pid)).resolve("cwd").resolve("postmaster.pid");
      Optional<Postmaster> found = read(file);
      if (found.isPresent() && found.get().pid == process.pid && found.get().port == port) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** A running PostgreSQL: its first process and its TCP port. */
  record Postmaster(long pid, int port) {}

  /** The first and the fourth line of the file in which a postmaster stands. */
  private static Optional<Postmaster> read(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      return Optional.of(
          new Postmaster(
              Long.parseLong(lines.get(0).strip()), Integer.parseInt(lines.get(3).strip())));
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private record Stat(
      long pid,
      String name,
      long parent,
      long user,
      long system,
      long endedChildrenUser,
      long endedChildrenSystem) {}

  private List<Stat> all() {
    List<Stat> all = new ArrayList<>();
    try (Stream<Path> entries = Files.list(proc)) {
      entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> name.matches("\\d+"))
          .forEach(name -> stat(Long.parseLong(name)).ifPresent(all::add));
    } catch (IOException e) {
      // No /proc here.
    }
    return all;
  }

  private Optional<Stat> stat(long pid) {
    try {
      String line = Files.readString(proc.resolve(Long.toString(pid)).resolve("stat"));
      // The name stands in parentheses and may hold blanks and parentheses itself.
      int nameEnd = line.lastIndexOf(')');
      String name = line.substring(line.indexOf('(') + 1, nameEnd);
      String[] fields = line.substring(nameEnd + 2).split(" ", -1);
      return Optional.of(
          new Stat(
              pid,
              name,
              at(fields, 4),
              at(fields, 14),
              at(fields, 15),
              at(fields, 16),
              at(fields, 17)));
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
      return Optional.empty(); // It has ended.
    }
  }

  /** A field by its number in proc(5). */
  private static long at(String[] fieldsFromState, int number) {
    return Long.parseLong(fieldsFromState[number - STATE_FIELD]);
  }
}
