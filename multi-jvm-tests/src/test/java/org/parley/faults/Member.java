package org.parley.faults;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.parley.node.FaultyNode;

/** One node of a cluster, over all its lives: started again it has the same ports and data. */
final class Member implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("parley is ready at (\\S+) \\(");
  private static final Pattern HEAP = Pattern.compile("^heap: (\\d+) (\\d+)$", Pattern.MULTILINE);
  private static final Duration OBEY = Pace.seconds(60);

  private static final List<String> OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xmx320m",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");

  /**
   * Where it lives.
   *
   * @param directory of the logs, and of its data
   * @param host of the machine's own addresses the one that other nodes take for its machine
   * @param port where they reach it
   * @param httpPort where clients do
   */
  record Place(Path directory, String name, Path config, String host, int port, int httpPort) {}

  private final Place place;
  private final MachineClock clock;
  private final Versions versions;
  private final List<String> standing = new ArrayList<>();
  private Child process;
  private int lives;
  private String key = "";
  private Client client;
  private volatile boolean wanted = true;
  private volatile boolean frozen;
  private volatile long readySince = Long.MAX_VALUE;

  private Member(Place place, Versions versions) throws IOException {
    this.place = place;
    this.versions = versions;
    this.clock = MachineClock.in(place.directory(), place.name());
    this.client = new Client(api(), key);
    this.process = launch();
  }

  /** Starts it without waiting. */
  static Member launch(Place place, Versions versions) throws IOException {
    return new Member(place, versions);
  }

  private Child launch() throws IOException {
    List<String> args =
        List.of(
            "--config", place.config().toString(),
            "--data", data().toString(),
            "--http", "127.0.0.1:" + place.httpPort());
    String classPath = lives == 0 ? versions.first() : versions.later();
    String log = place.name() + '-' + ++lives;
    Child child =
        Child.ordered(
            place.directory(),
            log,
            clock.environment(),
            options(),
            classPath,
            FaultyNode.class,
            args);
    for (String order : standing) child.order(order);
    return child;
  }

  private static List<String> options() {
    List<String> options = new ArrayList<>(OPTIONS);
    Stream.of(Node.JAVA_OPTIONS.split("\\s+")).filter(o -> !o.isEmpty()).forEach(options::add);
    return options;
  }

  private Path data() {
    return place.directory().resolve(place.name());
  }

  private URI api() {
    return URI.create("http://127.0.0.1:" + place.httpPort());
  }

  synchronized void awaitReady(Duration limit) {
    var unused = process.awaitLine(READY, limit);
    boolean unusedReady = isReady();
  }

  /** Whether it has said that it is ready, in this life. */
  boolean isReady() {
    if (!process.isAlive()) return false;
    if (readySince == Long.MAX_VALUE && READY.matcher(process.output()).find()) {
      readySince = System.nanoTime();
      Trial.note(this + " is ready");
    }
    return readySince != Long.MAX_VALUE;
  }

  Optional<String> firstKey() {
    try {
      Path file = data().resolve("api-key");
      return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  void knowKey(String apiKey) {
    if (apiKey.equals(key)) return;
    key = apiKey;
    client = new Client(api(), key);
  }

  Client client() {
    return client;
  }

  long readySince() {
    return readySince;
  }

  /** Whether it runs, is not frozen and has been ready. */
  boolean answers() {
    return wanted && !frozen && isReady();
  }

  long processId() {
    return process.id();
  }

  /** As Pekko writes it. */
  String address() {
    return "pekko://parley@" + place.host() + ':' + place.port();
  }

  /** As a power cut would. It stays down until it is started again. */
  synchronized void kill() {
    wanted = false;
    process.kill();
    ended();
    Trial.note(this + " is killed");
  }

  /** As an operator does. It stays down until it is started again. */
  synchronized void askToStop() {
    wanted = false;
    process.ask();
    Trial.note(this + " is told to stop");
  }

  /** Waits for its end. */
  synchronized void awaitStop(Duration limit) {
    int unused = process.awaitExit(limit);
    ended();
    Trial.note(this + " has stopped");
  }

  synchronized void startAgain() throws IOException {
    process = launch();
    wanted = true;
    Trial.note(this + " is started again");
  }

  synchronized void startAgainIfDown() throws IOException {
    if (!wanted) startAgain();
  }

  /** What a supervisor does. */
  synchronized void startAgainIfEnded() throws IOException {
    if (!wanted || process.isAlive()) return;
    Trial.note(this + " has ended by itself");
    ended();
    process = launch();
  }

  private void ended() {
    readySince = Long.MAX_VALUE;
    process.close();
  }

  void freeze() {
    frozen = true;
    process.freeze();
    Trial.note(this + " is frozen");
  }

  void thaw() {
    process.thaw();
    frozen = false;
    Trial.note(this + " goes on");
  }

  /** Nothing arrives there any more of what another one sends, in its next lives too. */
  void cutFrom(Member other) throws IOException {
    stands(cut(other));
  }

  /** It arrives again, also what was on its way. */
  void mendFrom(Member other) throws IOException {
    forget(cut(other)::equals);
    order("mend " + other.place.host());
  }

  private static String cut(Member other) {
    return "cut " + other.place.host();
  }

  /** Steps the clock of its machine so far ahead; negative is behind. */
  void stepClock(Duration ahead) throws IOException {
    clock.set(ahead);
    Trial.note("the clock of " + this + " is ahead by " + ahead);
  }

  /** Breaks the product there in one way, for its next lives too; see {@link FaultyNode}. */
  void makeBroken(String way) throws IOException {
    stands("break " + way);
  }

  /** Puts right whatever is broken there. */
  void makeWhole() throws IOException {
    forget(order -> order.startsWith("break "));
    order("whole");
  }

  /** Gives an order of {@link FaultyNode} that also holds in its next lives. */
  private void stands(String order) throws IOException {
    synchronized (this) {
      standing.add(order);
    }
    order(order);
  }

  private synchronized void forget(Predicate<String> which) {
    standing.removeIf(which);
  }

  /** Gives an order of {@link FaultyNode} and waits until it is obeyed; a dead node does not. */
  void order(String order) throws IOException {
    Child now = process;
    if (!now.isAlive()) return;
    int before = obeyed(now, order);
    now.order(order);
    Awaited.await(
        "a node that obeys: " + order, OBEY, () -> !now.isAlive() || obeyed(now, order) > before);
    Trial.note(this + " obeys: " + order);
  }

  /** What its heap holds after a full collection, which this is; nothing for a dead node. */
  Heaps.Sample heap() throws IOException {
    order("heap");
    return HEAP.matcher(process.output())
        .results()
        .map(found -> sample(Long.parseLong(found.group(1)), Long.parseLong(found.group(2))))
        .reduce(sample(0, 0), (earlier, later) -> later);
  }

  private Heaps.Sample sample(long bytes, long conversations) {
    return new Heaps.Sample(toString(), bytes, conversations);
  }

  private static int obeyed(Child child, String order) {
    return (int) child.output().lines().filter(line -> line.equals("obeyed: " + order)).count();
  }

  String errors() {
    return process.errors();
  }

  /** Its polite end would take half a minute, in which nothing is tested. */
  @Override
  public void close() {
    wanted = false;
    process.kill();
  }

  @Override
  public String toString() {
    return place.name();
  }
}
