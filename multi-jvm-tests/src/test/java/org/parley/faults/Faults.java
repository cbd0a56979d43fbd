package org.parley.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.parley.faults.Checker.Finding;
import org.parley.faults.FaultRun.Row;
import org.parley.faults.Node.Patience;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes faults happen to a cluster of real nodes, and prints what the checker found. */
@Command(
    name = "faults",
    mixinStandardHelpOptions = true,
    description = "Makes faults happen to a cluster of real nodes, and prints what came of it.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all that must hold held", "1:something did not", "2:wrong arguments"})
public final class Faults implements Callable<Integer> {
  private static final int MOST_SHOWN = 10;
  private static final String LINE = "%-20s %6s %9s %7s %6s %10s %9s %8s  %s%n";

  @Option(
      names = "--fault",
      paramLabel = "NAME",
      defaultValue = "all",
      split = ",",
      description = "Which ones, separated by commas; all is all (default: ${DEFAULT-VALUE}).")
  private List<String> names = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Draws what a fault leaves open (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "How many seeds, from --seed on, each fault runs with (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--recipients",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Of the main campaign, from 100 (default: ${DEFAULT-VALUE}).")
  private int recipients;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "In the cluster, from 2 (default: what the fault is about).")
  private @Nullable Integer nodes;

  @Option(
      names = "--previous",
      paramLabel = "DIR",
      description =
          "A checkout of an earlier Parley in which 'ops/bin/parley faults --list' has been run:"
              + " the nodes begin as that one, and are this one once they are started again.")
  private @Nullable Path previous;

  @Option(
      names = "--back",
      description = "The other way round: they begin as this one, and go back to the --previous.")
  private boolean back;

  @Option(
      names = "--logs",
      paramLabel = "DIR",
      description =
          "Where what the nodes said in runs that did not hold is kept"
              + " (default: multi-jvm-tests/target/faults).")
  private @Nullable Path logs;

  @Option(names = "--list", description = "Only name the faults.")
  private boolean listOnly;

  /** Runs the command line. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Faults()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    if (listOnly) {
      Fault.all().forEach(fault -> System.out.println(fault.name()));
      return 0;
    }
    if (recipients < 100) return wrong("--recipients " + recipients + ": allowed is 100 or more");
    if (seeds < 1) return wrong("--seeds " + seeds + ": allowed is 1 or more");
    if (nodes != null && nodes < 2) return wrong("--nodes " + nodes + ": allowed is 2 or more");
    List<Fault> faults;
    try {
      faults = names.contains("all") ? Fault.all() : names.stream().map(Fault::named).toList();
    } catch (IllegalArgumentException e) {
      return wrong(
          e.getMessage()
              + "; there are "
              + String.join(", ", Fault.all().stream().map(Fault::name).toList()));
    }
    if (back && previous == null) return wrong("--back: to what is said with --previous DIR");
    if (previous != null && !Files.exists(classPathFile(previous))) {
      return wrong(
          "--previous " + previous + ": run 'ops/bin/parley faults --list' in that checkout first");
    }
    boolean good = true;
    printHead();
    for (long each = seed; each < seed + seeds; each++) {
      for (List<Fault> some : ofOneKind(faults)) good &= run(some, each);
    }
    return good ? 0 : 1;
  }

  private static int wrong(String text) {
    System.err.println("faults: " + text);
    return 2;
  }

  /** What a cluster is made for. */
  private record Kind(int nodes, Patience patience) {}

  /** Those of a list share a cluster. Nodes that an update has changed would stay changed. */
  private Collection<List<Fault>> ofOneKind(List<Fault> faults) {
    if (previous != null) return faults.stream().map(List::of).toList();
    return faults.stream()
        .collect(Collectors.groupingBy(this::kind, LinkedHashMap::new, Collectors.toList()))
        .values();
  }

  private Kind kind(Fault fault) {
    return new Kind(size(fault), patience(fault));
  }

  /** Nothing may be in doubt after what an operator does. */
  private static Patience patience(Fault fault) {
    return fault.must().planned() ? Patience.OWN : Patience.SHORT;
  }

  private int size(Fault fault) {
    return nodes == null ? fault.nodes() : nodes;
  }

  /**
   * One fault after the other on one cluster, and after one that did not hold the rest on another;
   * whether all held.
   */
  private boolean run(List<Fault> faults, long seed) throws IOException {
    boolean good = true;
    Deque<Fault> left = new ArrayDeque<>(faults);
    while (!left.isEmpty()) {
      Path directory = Files.createTempDirectory(logs(), left.element().name() + '-' + seed + '-');
      Row last = untilOneDoesNotHold(left, seed, directory);
      print(last);
      if (last.isGood()) delete(directory);
      else keep(directory, last);
      good &= last.isGood();
    }
    return good;
  }

  /** Takes those that it tries off the queue, and prints what came of all but the last. */
  private Row untilOneDoesNotHold(Deque<Fault> left, long seed, Path directory) {
    Fault fault = left.remove();
    try (FaultRun run =
        FaultRun.on(directory, size(fault), recipients, patience(fault), versions())) {
      Row row = happens(run, fault, seed);
      while (row.isGood() && !left.isEmpty()) {
        print(row);
        fault = left.remove();
        row = happens(run, fault, seed);
      }
      return row;
    } catch (AssertionError | RuntimeException | IOException e) {
      return broken(fault, seed, e);
    }
  }

  private Row happens(FaultRun run, Fault fault, long seed) throws IOException {
    return run.happens(fault, fault.name() + "-f", seed, recipients);
  }

  private static void keep(Path directory, Row row) throws IOException {
    List<Finding> findings = row.findings();
    Files.write(
        directory.resolve("findings.txt"), findings.stream().map(Finding::toString).toList());
    System.out.println("  its logs are in " + directory);
    findings.stream().limit(MOST_SHOWN).forEach(f -> System.out.println("  " + f));
    int more = findings.size() - MOST_SHOWN;
    if (more > 0) System.out.println("  and " + more + " more");
  }

  private Versions versions() throws IOException {
    if (previous == null) return Versions.OWN;
    Path file = classPathFile(previous);
    String earlier = file.resolveSibling("test-classes") + ":" + Files.readString(file).strip();
    return back
        ? new Versions(Child.OWN_CLASS_PATH, earlier)
        : new Versions(earlier, Child.OWN_CLASS_PATH);
  }

  /** The launcher writes it. */
  private static Path classPathFile(Path checkout) {
    return called(checkout).resolve(Path.of("multi-jvm-tests", "target", "faults-class-path"));
  }

  /** The launcher starts this in the module's directory, and says where it was called. */
  private static Path called(Path path) {
    return Path.of(System.getProperty("parley.faults.from", "")).resolve(path).toAbsolutePath();
  }

  private static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> paths = Files.walk(directory)) {
      all = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) Files.delete(each);
  }

  private Path logs() throws IOException {
    Path place = logs == null ? Path.of("target", "faults") : called(logs);
    return Files.createDirectories(place).toAbsolutePath();
  }

  private static Row broken(Fault fault, long seed, Throwable e) {
    return new Row(
        fault.name(),
        seed,
        Map.of(),
        Duration.ZERO,
        Duration.ZERO,
        List.of(new Finding("run", String.valueOf(e.getMessage()))));
  }

  private static void printHead() {
    System.out.printf(
        LINE,
        "fault",
        "seed",
        "delivered",
        "unknown",
        "failed",
        "suppressed",
        "again s",
        "gap s",
        "verdict");
  }

  private static void print(Row row) {
    System.out.printf(
        Locale.ROOT,
        LINE,
        row.fault(),
        row.seed(),
        row.totals().getOrDefault("delivered", 0L),
        row.totals().getOrDefault("unknown", 0L),
        row.totals().getOrDefault("failed", 0L),
        row.totals().getOrDefault("suppressed", 0L),
        seconds(row.again()),
        seconds(row.gap()),
        row.isGood() ? "holds" : "BROKEN: " + broken(row));
  }

  private static String broken(Row row) {
    return String.join(
        ", ", row.findings().stream().map(Finding::invariant).distinct().sorted().toList());
  }

  private static String seconds(Duration span) {
    return String.format(Locale.ROOT, "%.1f", span.toMillis() / 1e3);
  }
}
