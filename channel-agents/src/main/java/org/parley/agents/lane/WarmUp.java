package org.parley.agents.lane;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.parley.agents.settings.Checked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many messages a carrier may be given a day while it is new, so that receivers get to know it.
 * Each node has its share of the day's number and counts for itself. The count is taken from a file
 * in blocks of a hundredth of the day: what a crash loses is the rest of one block, and never is
 * the day's number passed. Days are those of UTC, and none begins twice. Thread-safe.
 */
public final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /** No schedule: everything may go. */
  public static final WarmUp NONE =
      new WarmUp("none", LocalDate.EPOCH, List.of(), Path.of(""), InstantSource.system());

  private static final long UNLIMITED = Long.MAX_VALUE;

  /** Of what is taken on a day without a limit. */
  private static final LocalDate NO_DAY = LocalDate.MAX;

  private final String carrier;
  private final LocalDate started;
  private final List<Integer> daily;
  private final Path file;
  private final InstantSource clock;
  private LocalDate day = LocalDate.MIN;
  private long used;
  private long reserved;

  /**
   * @param daily this node's share of each day from the first; after the last there is no limit
   */
  WarmUp(String carrier, LocalDate started, List<Integer> daily, Path file, InstantSource clock) {
    this.carrier = carrier;
    this.started = started;
    this.daily = List.copyOf(daily);
    this.file = file;
    this.clock = clock;
  }

  /** Reads a carrier's {@code warm-up}. */
  static WarmUp read(String carrier, Checked config, InstantSource clock) {
    if (!config.config().hasPath("warm-up")) return NONE;
    Checked part = config.part("warm-up");
    int nodes = part.number("nodes", 1, 1000);
    List<Integer> daily = daily(part, nodes);
    Optional<Path> file = part.file("file");
    LocalDate started = LocalDate.EPOCH;
    if (daily.isEmpty()) return NONE;
    String date = part.text("started");
    try {
      started = LocalDate.parse(date);
    } catch (DateTimeParseException e) {
      throw part.bad("started", date, "a day such as 2026-01-31");
    }
    if (file.isEmpty()) throw part.bad("file", "an empty text", "a file to keep the count in");
    return new WarmUp(carrier, started, daily, file.get(), clock);
  }

  private static List<Integer> daily(Checked part, int nodes) {
    Config config = part.config();
    List<Integer> daily = new ArrayList<>();
    for (int number : config.getIntList("daily")) {
      if (number < 1) throw part.bad("daily", Integer.toString(number), "numbers from 1");
      daily.add(Math.max(1, number / nodes));
    }
    if (daily.size() > 1000) throw part.bad("daily", daily.size() + " days", "at most 1000 days");
    return daily;
  }

  /** Takes one message of today's number, and says of which day it is; empty when none is left. */
  Optional<LocalDate> tryTake() {
    return daily.isEmpty() ? Optional.of(NO_DAY) : take();
  }

  private synchronized Optional<LocalDate> take() {
    long left = left();
    if (left <= 0) return Optional.empty();
    if (left == UNLIMITED) return Optional.of(NO_DAY);
    if (used >= reserved) reserve(Math.min(used + left, used + Math.max(1, (used + left) / 100)));
    used++;
    return Optional.of(day);
  }

  /** Whether nothing more may go today. */
  boolean isUsedUp() {
    return leftToday() <= 0;
  }

  /** How many may still go today; {@link Long#MAX_VALUE} when there is no limit. */
  long leftToday() {
    if (daily.isEmpty()) return UNLIMITED;
    synchronized (this) {
      return left();
    }
  }

  /** When the next day begins. */
  Instant nextDay() {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    return today.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  private long left() {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    long index = dayOf(today);
    if (index >= daily.size()) return UNLIMITED;
    if (index < 0) return 0;
    if (today.isAfter(day)) begin(today);
    return daily.get((int) Math.min(dayOf(day), daily.size() - 1)) - used;
  }

  private long dayOf(LocalDate date) {
    return ChronoUnit.DAYS.between(started, date);
  }

  /**
   * Gives one back that reached nobody. That of a day which is over makes no later one larger.
   *
   * @return whether none was left before
   */
  boolean giveBack(LocalDate of) {
    if (daily.isEmpty()) return false;
    synchronized (this) {
      long left = left();
      if (!of.equals(day)) return false;
      used = Math.max(0, used - 1);
      return left <= 0;
    }
  }

  /**
   * A new day, or a new process: what the file says of the day is used. When it speaks of a later
   * one, the clock was set back, and that day goes on.
   */
  private void begin(LocalDate today) {
    day = today;
    used = 0;
    reserved = 0;
    try {
      if (!Files.exists(file)) return;
      String[] words = Files.readString(file, StandardCharsets.UTF_8).strip().split(" ", -1);
      if (words.length != 2 || LocalDate.parse(words[0]).isBefore(today)) return;
      used = Long.parseLong(words[1]);
      reserved = used;
      day = LocalDate.parse(words[0]);
    } catch (IOException | NumberFormatException | DateTimeParseException e) {
      LOG.warn("The warm-up count of carrier {} cannot be read from {}", carrier, file, e);
    }
  }

  private void reserve(long count) {
    reserved = count;
    try {
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.writeString(next, day + " " + count + "\n", StandardCharsets.UTF_8);
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("The warm-up count of carrier {} cannot be kept in {}", carrier, file, e);
    }
  }
}
