package org.parley.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * PostgreSQL, sandbox carriers and nodes on this machine, each in a process of its own. The end of
 * this JVM, however it comes about unless by force, is the end of them all: the nodes first, the
 * database last.
 */
final class LocalCluster implements ClusterConsole.Nodes, AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final Shell shell;
  private final LocalLayout layout;
  private final List<LocalNode> nodes = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> beside = new ArrayList<>();
  private final Map<URI, NodeClient> clients = new ConcurrentHashMap<>();
  private final ClusterChanges changes;
  // One thread looks at the cluster, which may take long; the other ends freezes in time.
  private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
  private final Thread hook = new Thread(this::end, "end-local-cluster");
  private volatile boolean ended;

  private LocalCluster(Shell shell, LocalLayout layout) {
    this.shell = shell;
    this.layout = layout;
    this.changes = new ClusterChanges(layout::name);
  }

  /** Starts everything; the nodes are ready later, see {@link #awaitStarted}. */
  static LocalCluster start(Shell shell, Launch launch, LocalLayout layout) {
    LocalCluster cluster = new LocalCluster(shell, layout);
    var unused =
        cluster.timer.scheduleWithFixedDelay(
            cluster::watch, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    Runtime.getRuntime().addShutdownHook(cluster.hook);
    try {
      cluster.startAll(launch);
      return cluster;
    } catch (IOException e) {
      cluster.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void startAll(Launch launch) throws IOException {
    say("database  starting");
    DatabaseProcess database = layout.startDatabase(launch);
    opened(List.of(database));
    Map<BenchChannel, SandboxProcess> carriers = layout.startCarriers(launch);
    opened(carriers.values());
    layout.writeSettings(database.awaitSettings(), carriers);
    say("database  ready");
    for (int i = 1; i <= layout.count(); i++) {
      int number = i;
      LocalNode node =
          new LocalNode(
              () -> layout.startNode(launch, number),
              timer,
              what -> say("node " + number + "  " + what));
      synchronized (this) {
        if (ended) return;
        nodes.add(node);
        node.start();
      }
    }
  }

  private synchronized void opened(Collection<? extends AutoCloseable> parts) {
    beside.addAll(parts);
    if (!ended) return;
    closeBeside();
    throw CommandFailure.failed("the cluster was told to end");
  }

  /** Waits until every node takes requests or is down; fails when none does. */
  void awaitStarted() {
    boolean any = false;
    for (LocalNode node : nodes) any |= node.awaitStarted();
    if (!any && !ended)
      throw CommandFailure.failed("no node has started", "Their logs: " + layout.logs());
  }

  /** One line of what happens, at once. */
  private void say(String what) {
    shell.print(
        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + "  " + what);
  }

  /** Tells what has changed in the cluster since the last look. */
  private void watch() {
    Optional<JsonNode> now = ask();
    if (now.isPresent()) changes.next(now.get()).forEach(this::say);
    else changes.forget();
  }

  /** What the first node that answers, and is a member, says of the cluster. */
  private Optional<JsonNode> ask() {
    Optional<String> key = layout.apiKey();
    if (key.isEmpty()) return Optional.empty();
    for (LocalNode node : nodes) {
      LocalNode.Look look = node.look();
      if (look.state() != LocalNode.State.READY || look.url().isEmpty()) continue;
      try {
        NodeClient client =
            clients.computeIfAbsent(look.url().get(), url -> new NodeClient(url, key));
        HttpResponse<String> answer = client.probe("/v1/cluster");
        if (answer.statusCode() != 200) continue;
        JsonNode cluster = Json.parse(answer.body());
        if (!cluster.path("members").isEmpty()) return Optional.of(cluster);
      } catch (JsonProcessingException e) {
        // Not a node's answer; perhaps the next one's is.
      } catch (IOException e) {
        // It has just ended, or does not answer in time.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  @Override
  public int count() {
    return layout.count();
  }

  @Override
  public void start(int node) {
    nodes.get(node - 1).start();
  }

  @Override
  public void stop(int node) {
    nodes.get(node - 1).stop();
  }

  @Override
  public void kill(int node) {
    nodes.get(node - 1).kill();
  }

  @Override
  public void freeze(int node, Duration time) {
    nodes.get(node - 1).freeze(time);
  }

  @Override
  public void thaw(int node) {
    nodes.get(node - 1).thaw();
  }

  @Override
  public List<String> status() {
    Table processes = new Table().row("process", "state", "pid", "url");
    for (int i = 1; i <= nodes.size(); i++) {
      LocalNode.Look look = nodes.get(i - 1).look();
      processes.row(
          "node " + i,
          look.state().name().toLowerCase(Locale.ROOT),
          look.pid().map(String::valueOf).orElse("-"),
          look.url().map(URI::toString).orElse("-"));
    }
    List<String> lines = new ArrayList<>(processes.lines());
    lines.add("");
    Optional<JsonNode> cluster = ask();
    if (cluster.isPresent()) lines.addAll(ClusterTable.lines(cluster.get(), layout::name));
    else lines.add("No node tells of the cluster now.");
    return lines;
  }

  /** Where the nodes are, and with which key they are spoken to. */
  List<String> doors() {
    List<String> urls = new ArrayList<>();
    for (LocalNode node : nodes) node.look().url().ifPresent(url -> urls.add(url.toString()));
    if (urls.isEmpty()) return List.of();
    String key =
        layout.apiKey().isPresent() ? "--api-key-file " + layout.keyFile() : "--api-key KEY";
    return List.of(
        "Any of them takes any command, such as:",
        "  parley campaign list --url " + urls.get(0) + " " + key);
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down already, and the hook with it.
    }
  }

  private synchronized void end() {
    if (ended) return;
    ended = true;
    timer.shutdownNow();
    nodes.forEach(LocalNode::askToEnd);
    nodes.forEach(LocalNode::awaitEnd);
    closeBeside();
    say("everything has ended");
  }

  private void closeBeside() {
    for (int i = beside.size() - 1; i >= 0; i--) {
      try {
        beside.remove(i).close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
